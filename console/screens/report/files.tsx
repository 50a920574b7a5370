import { useMemo, useState } from 'react';
import type { Brief, BriefFile, BriefFingerprint } from '#contract/desk';
import { labelOf } from '#contract/vocabulary-labels';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { SealMark } from '../../ui/marks.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase, sizeText } from '../../ui/words.ts';
import { Identifier, IdentifierHead } from './people.tsx';
import { SentBranch } from './sent-branch.tsx';
import { type Place, placesOf, toggled } from './sent-places.ts';
import { ShowSource } from './source.tsx';

const portion = 50;

function markWords(mark: string): string {
  const label = labelOf('fileAnnotations', mark);
  return label === mark ? sentenceCase(plainWords(mark)) : label;
}

/** Files as facts about them. Nothing here can show, play or fetch a file. */
export function FilesSection({ brief }: { readonly brief: Brief }) {
  const [shown, setShown] = useState(portion);
  const files = brief.files.slice(0, shown);
  const left = brief.files.length - shown;
  return (
    <section id="files" className="part" aria-labelledby="files-title">
      <div className="part-head">
        <h2 id="files-title">{brief.fileCount === 0 ? 'Files' : counted(brief.fileCount, 'file')}</h2>
        <p className="small quiet">Facts only. The files stay sealed; nothing on this page opens them.</p>
      </div>
      {brief.fileCount === 0 ? (
        <p className="quiet">The service sent no files with this report.</p>
      ) : (
        <FileTable files={files} />
      )}
      {left > 0 ? (
        <Button onPress={() => setShown(shown + portion * 2)}>
          Show {counted(Math.min(left, portion * 2), 'more file')}
        </Button>
      ) : null}
      {left <= 0 && brief.fileCount > brief.files.length ? (
        <p className="small quiet">
          These are the first {counted(brief.files.length, 'file')} of {counted(brief.fileCount, 'file')}. The
          rest are sealed and counted in the same way.
        </p>
      ) : null}
    </section>
  );
}

function FileTable({ files }: { readonly files: readonly BriefFile[] }) {
  return (
    <table className="files">
      <thead>
        <tr>
          <th scope="col" className="number">
            No.
          </th>
          <th scope="col">Type and size</th>
          <th scope="col">Name as sent</th>
          <th scope="col">Viewed by service</th>
          <th scope="col">Seen elsewhere</th>
          <th scope="col">Seal</th>
          <th scope="col">
            <span className="visually-hidden">More</span>
          </th>
        </tr>
      </thead>
      {files.map((file) => (
        <FileRows key={file.fileId} file={file} />
      ))}
    </table>
  );
}

function FileRows({ file }: { readonly file: BriefFile }) {
  const [isOpen, setOpen] = useState(false);
  const marks = file.annotations.map(markWords);
  return (
    <tbody className={isOpen ? 'file is-open' : 'file'}>
      <tr>
        <td className="number quiet" data-label="File">
          {file.position}
        </td>
        <td>
          <div>{file.mediaType ?? 'Unknown type'}</div>
          <div className="quiet">{sizeText(file.sizeBytes)}</div>
        </td>
        <td className="file-name">
          {file.originalFileName === undefined ? (
            <span className="quiet">No name</span>
          ) : (
            <Raw text={file.originalFileName} />
          )}
          <span className="file-marks">
            {file.industryClassification === undefined ? null : (
              <span className="chip">Label {file.industryClassification}</span>
            )}
            {file.fingerprint === undefined ? null : (
              <span className="chip">{lookedText(file.fingerprint)}</span>
            )}
            {marks.map((mark) => (
              <span key={mark} className="chip">
                {mark}
              </span>
            ))}
          </span>
        </td>
        <td data-label="Viewed by service">
          <YesNo value={file.isViewedByProvider} />
        </td>
        <td data-label="Seen elsewhere">
          {file.otherReports === 0 ? (
            <span className="quiet">First seen here</span>
          ) : (
            counted(file.otherReports, 'other report')
          )}
        </td>
        <td>
          <SealMark state={file.sealState} />
        </td>
        <td className="file-more">
          <Button
            look="plain"
            label={`Hashes of file ${file.position}`}
            isExpanded={isOpen}
            onPress={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Less' : 'Hashes'}
          </Button>
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td />
          <td colSpan={6}>
            <FileDetails file={file} />
            <SaidOfFile file={file} />
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}

const lookedWords: Readonly<Record<BriefFingerprint['state'], string>> = {
  done: 'Fingerprinted',
  'not-a-picture': 'Not a picture',
  'not-sampled': 'Not sampled',
  unreadable: 'Unreadable',
  'killed-decoder': 'Ended its decoder',
};

function lookedText({ state, isPartial }: BriefFingerprint): string {
  return isPartial ? 'Fingerprinted in part' : lookedWords[state];
}

function fingerprintLines(found: BriefFingerprint | undefined): readonly (readonly [string, string])[] {
  if (found === undefined) return [];
  const { firstSeenAt, reason, width, height, frames, pdq, quality, facts } = found;
  return [
    ['First seen by this bureau', `${firstSeenAt.slice(0, 16).replace('T', ' ')} UTC`],
    ...(reason === undefined ? [] : [['No fingerprint', reason] as const]),
    ...(width === undefined || height === undefined
      ? []
      : [['Size', `${width} × ${height}${(frames ?? 1) > 1 ? `, ${frames} frames` : ''}`] as const]),
    ...(pdq === undefined ? [] : [[`PDQ, quality ${quality ?? 0}`, pdq] as const]),
    ...facts.map((fact) => [`The file says: ${fact.name} (${fact.source})`, fact.value] as const),
  ];
}

function YesNo({ value }: { readonly value: boolean | undefined }) {
  if (value === undefined) return <span className="quiet">Not said</span>;
  return value ? 'Yes' : 'No';
}

function FileDetails({ file }: { readonly file: BriefFile }) {
  const hashes: readonly (readonly [string, string])[] = [
    ...fingerprintLines(file.fingerprint),
    ['SHA-256', file.sha256],
    ['SHA-1', file.sha1],
    ['MD5', file.md5],
    ['File id', file.fileId],
  ];
  return (
    <dl className="file-details">
      {hashes.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{value}</code>
            <CopyButton text={value} what={`${name} of file ${file.position}`} />
          </dd>
        </div>
      ))}
      <div>
        <dt>Received</dt>
        <dd>
          <Moment at={file.receivedAt} />
        </dd>
      </div>
      <div>
        <dt>Seal checked</dt>
        <dd>
          {file.verifiedAt === undefined ? (
            <span className="quiet">Not since it was sealed</span>
          ) : (
            <Moment at={file.verifiedAt} />
          )}
        </dd>
      </div>
      <div>
        <dt>Relevance</dt>
        <dd>{file.relevance ?? <span className="quiet">Not said</span>}</dd>
      </div>
      <div>
        <dt>Publicly available</dt>
        <dd>
          <YesNo value={file.isPubliclyAvailable} />
        </dd>
      </div>
      {file.uploadName === undefined ? null : (
        <div>
          <dt>Name of the upload</dt>
          <dd>
            <Raw text={file.uploadName} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What the service said about the file: identifiers first, then its details as they were sent. */
function SaidOfFile({ file }: { readonly file: BriefFile }) {
  const places = useMemo(() => (file.sent === undefined ? [] : placesOf(file.sent)), [file.sent]);
  const [opened, setOpened] = useState<ReadonlySet<Place>>(() => new Set(places));
  const root = places[0];
  return (
    // These paths lead into the file's own details below, not into the report's document.
    <ShowSource value={undefined}>
      {file.identifiers.length === 0 ? null : (
        <table className="identifiers">
          <caption>Identifiers sent with the file</caption>
          <IdentifierHead />
          <tbody>
            {file.identifiers.slice(0, 100).map((identifier) => (
              <Identifier
                key={`${identifier.path} ${identifier.value.slice(0, 80)}`}
                identifier={identifier}
              />
            ))}
          </tbody>
        </table>
      )}
      {root === undefined ? null : (
        <>
          <h3 className="file-sent-title">Details as they were sent</h3>
          <ul className="sent no-lines">
            <SentBranch
              place={root}
              view={{
                opened,
                only: undefined,
                marked: undefined,
                toggle: (place) => setOpened((before) => toggled(before, place)),
              }}
            />
          </ul>
        </>
      )}
    </ShowSource>
  );
}
