const ipv4Form = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Whether the text is one IPv4 address in dotted decimals or one IPv6 address (RFC 4291 section 2.2), IPv4-mapped included. */
export function isIpAddress(text: string): boolean {
  return ipv4Form.test(text) || isIpv6(text);
}

function isIpv6(text: string): boolean {
  if (text.length > 45 || !text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = groups.flat().length + (groupsAreMapped(groups) ? 1 : 0);
  if (
    !groups.every((half, index) =>
      half.every((group, at) => isGroup(group, index === groups.length - 1 && at === half.length - 1)),
    )
  ) {
    return false;
  }
  return halves.length === 2 ? count <= 7 : count === 8;
}

function groupsAreMapped(groups: readonly (readonly string[])[]): boolean {
  return groups.at(-1)?.at(-1)?.includes('.') === true;
}

function isGroup(group: string, isLast: boolean): boolean {
  return /^[0-9a-f]{1,4}$/i.test(group) || (isLast && ipv4Form.test(group));
}
