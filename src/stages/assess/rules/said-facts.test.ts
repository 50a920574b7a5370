import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { phraseLanguages, phraseList, phraseOf, saidFacts } from './phrase-list.ts';
import { saidIn } from './said-facts.ts';

/** The same thing said in each language of the list, in plain words. */
const examples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'said-imminent-harm': {
    en: 'The moderator believes a child is in danger.',
    de: 'Nach Ansicht der Moderation ist ein Kind in Gefahr.',
    fr: "Le modérateur pense qu'un enfant est en danger.",
    es: 'El moderador cree que un niño está en peligro.',
  },
  'said-self-harm': {
    en: 'She wrote about self-harm this evening.',
    de: 'Sie schrieb von Selbstverletzung.',
    fr: "Elle a parlé d'automutilation.",
    es: 'Ella habló de autolesiones.',
  },
  'said-meeting': {
    en: 'They want to meet at the station tomorrow.',
    de: 'Sie wollen sich morgen am Bahnhof treffen.',
    fr: 'Ils veulent se rencontrer à la gare demain.',
    es: 'Quieren verse en la estación mañana.',
  },
  'said-live-now': {
    en: 'The account is streaming live.',
    de: 'Das Konto streamt gerade live.',
    fr: 'Le compte diffuse en direct.',
    es: 'La cuenta transmite en vivo.',
  },
  'said-extortion': {
    en: 'He threatens to publish pictures.',
    de: 'Er droht, Bilder zu veröffentlichen.',
    fr: 'Il menace de publier des photos.',
    es: 'Amenaza con publicar fotos.',
  },
  'said-access-to-child': {
    en: 'The user says he lives with a child.',
    de: 'Der Nutzer lebt mit einem Kind zusammen.',
    fr: "L'utilisateur vit avec un enfant.",
    es: 'El usuario vive con un niño.',
  },
  'said-position-of-trust': {
    en: 'He works as a swimming coach.',
    de: 'Er arbeitet als Trainer.',
    fr: 'Il travaille comme entraîneur.',
    es: 'Trabaja como entrenador.',
  },
};

const saidBy = (text: string) =>
  saidIn([{ where: 'additionalInfo', text }], phraseList).map(({ fact, standing }) => `${fact} ${standing}`);

describe('facts in text', () => {
  it('has every fact in every language', () => {
    assert.deepEqual(Object.keys(examples).sort(), [...saidFacts].sort());
    for (const [fact, texts] of Object.entries(examples)) {
      assert.deepEqual(Object.keys(texts).sort(), [...phraseLanguages].sort());
      for (const [language, text] of Object.entries(texts))
        assert.deepEqual(saidBy(text), [`${fact} present`], `${language}: ${text}`);
    }
  });

  for (const text of [
    'There is no child in danger.',
    "They didn't want to meet tomorrow.",
    'A threat to publish pictures is not known; he never threatened to publish them.',
    'Kein Kind ist in Gefahr.',
    'Ein Treffen ist nicht geplant.',
    "Il n'y a pas d'enfant en danger.",
    'No hay ningún niño en peligro.',
    'An imminent danger is ruled out.',
  ]) {
    it(`takes a denial as a denial: ${text}`, () => assert.deepEqual(saidBy(text), []));
  }

  it('lets a negation reach no further than its part of the sentence', () => {
    assert.deepEqual(saidBy('He did not answer, but a child is in danger.'), ['said-imminent-harm present']);
    assert.deepEqual(saidBy('No pictures were sent. A child is in danger.'), ['said-imminent-harm present']);
    assert.deepEqual(saidBy('No doubt a child is in danger.'), ['said-imminent-harm present']);
    assert.deepEqual(saidBy('Ohne Zweifel ist ein Kind in Gefahr.'), ['said-imminent-harm present']);
  });

  it('knows the past from the present', () => {
    assert.deepEqual(saidBy('Years ago he threatened to publish pictures.'), ['said-extortion past']);
    assert.deepEqual(saidBy('Vor Jahren drohte er, Bilder zu veröffentlichen.'), ['said-extortion past']);
    assert.deepEqual(saidBy('He previously threatened to publish pictures and does so again today.'), [
      'said-extortion present',
    ]);
  });

  it('knows a sentence about a song, a game or a story', () => {
    assert.deepEqual(saidBy('In the lyrics of a song somebody threatens to publish a letter.'), [
      'said-extortion fiction',
    ]);
  });

  it('counts what stands in quotation marks, and says that it does', () => {
    const [found] = saidIn(
      [{ where: 'content', line: 7, text: 'He wrote: “I will meet you tomorrow”.' }],
      phraseList,
    );
    assert.deepEqual(found, {
      fact: 'said-meeting',
      standing: 'present',
      evidence: {
        kind: 'text',
        where: 'content',
        line: 7,
        quote: 'He wrote: “I will meet you tomorrow”.',
        isQuoted: true,
      },
    });
  });

  it('does not care for case, accents, apostrophes, and characters that nobody sees', () => {
    for (const text of [
      'A CHILD IS IN DANGER',
      'A chi\u200bld is in dan\u00adger',
      'UN NINO ESTA EN PELIGRO',
      'L’enfant est en danger',
    ])
      assert.deepEqual(saidBy(text), ['said-imminent-harm present'], text);
  });

  it('does not join the words of two sentences', () => {
    assert.deepEqual(saidBy('He is a child. In danger of losing the game, he left.'), []);
  });

  it('quotes at most a sentence or so, on one line, without control characters', () => {
    const text = `${'x '.repeat(500)}a child\u0000is\nnow ${'y '.repeat(3)}in danger ${'z '.repeat(500)}`;
    const noisy = `${'🙂'.repeat(3000)} a child is in danger ${'<b onclick=x>'.repeat(500)}`;
    for (const one of [text, noisy]) {
      for (const { evidence } of saidIn([{ where: 'notes', text: one }], phraseList)) {
        assert.ok(evidence.quote.length <= 162, String(evidence.quote.length));
        assert.doesNotMatch(evidence.quote, /[\p{Cc}\p{Cs}]/u);
      }
    }
    assert.equal(saidBy(noisy).length, 1);
  });

  it('takes any text, and gives the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        assert.deepEqual(saidBy(text), saidBy(text));
      }),
    );
  });

  it('reads a hostile text in time that grows with its length only', () => {
    const hostile = [
      'threatens '.repeat(2000),
      'a'.repeat(20_000),
      'not a child meets meets meets '.repeat(700),
      `${'no '.repeat(6000)}`,
    ];
    const startedMs = performance.now();
    for (const text of hostile) saidBy(text);
    assert.ok(performance.now() - startedMs < 2000, `${performance.now() - startedMs} ms`);
  });

  it('refuses an empty phrase', () => {
    assert.throws(() => phraseOf(' '), /no phrase/);
  });
});
