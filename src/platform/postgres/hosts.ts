/** One place where a PostgreSQL server may be: a host name, an address, or the folder of a socket. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

const usualPort = 5432;
const severalHosts = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?#]*,[^/?#]*)(.*)$/;

/**
 * Writes libpq's form with several hosts, `//user@one:5432,two:5433/name`, as its other one,
 * `//user@localhost/name?host=one,two&port=5432,5433`, which every URL parser reads. Anything else stays as it is.
 */
export function withHostsInQuery(url: string): string {
  const [, start = '', hosts, rest = ''] = severalHosts.exec(url) ?? [];
  if (hosts === undefined || !URL.canParse(`${start}localhost${rest}`)) return url;
  const places = hosts.split(',').map((text) => /^(.*?)(?::(\d+))?$/.exec(text));
  const parsed = new URL(`${start}localhost${rest}`);
  parsed.searchParams.set('host', places.map((place) => place?.[1] ?? '').join(','));
  parsed.searchParams.set('port', places.map((place) => place?.[2] ?? String(usualPort)).join(','));
  return parsed.href;
}

/** The hosts that an address names in its query, in order; none where it names one, which the driver reads itself. */
export function hostsOf(url: string): readonly Host[] {
  if (!URL.canParse(url)) return [];
  const { searchParams, port } = new URL(url);
  const hosts = (searchParams.get('host') ?? '').split(',');
  if (hosts.length < 2) return [];
  const ports = (searchParams.get('port') ?? port).split(',');
  return hosts.map((host, at) => ({ host, port: Number(ports[at] ?? ports[0]) || usualPort }));
}

/** The same database on one of its hosts. */
export function onHost(url: string, { host, port }: Host): string {
  const parsed = new URL(url);
  parsed.searchParams.set('host', host);
  parsed.searchParams.set('port', String(port));
  parsed.searchParams.delete('target_session_attrs');
  return parsed.href;
}
