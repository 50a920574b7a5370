/** Just enough XML to write documents: an element is text that is already safe. */
export type Xml = string;

export function element(
  name: string,
  content: readonly (Xml | undefined)[] | Xml,
  attributes: Attributes = {},
): Xml {
  const inside =
    typeof content === 'string' ? content : content.filter((part) => part !== undefined).join('');
  const given = Object.entries(attributes)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('');
  return inside === '' ? `<${name}${given}/>` : `<${name}${given}>${inside}</${name}>`;
}

export type Attributes = Readonly<Record<string, string | undefined>>;

/** An element with text, or nothing when there is no value. */
export function field(
  name: string,
  value: string | number | boolean | undefined,
  attributes?: Attributes,
): Xml | undefined {
  return value === undefined ? undefined : element(name, escaped(String(value)), attributes);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The text of the first element of that name, as simple clients read answers. */
export function textOf(document: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1];
  return found?.trim();
}
