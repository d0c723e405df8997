/** The way to a board. */
export type Access =
  | { readonly kind: 'local' }
  | { readonly kind: 'virtual' }
  | {
      readonly kind: 'ssh';
      readonly user: string | null;
      /** A name, an IPv4 address, or an IPv6 address without its brackets. */
      readonly host: string;
      readonly port: number | null;
    };

/** A host as ssh may be given it: no option, no shell or ssh_config token, nothing to expand. */
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})$/;
/** With a zone (`fe80::1%eth0`) for boards on a direct cable. */
const IPV6 = /^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;
const URL_PARTS = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:@/[\]]*)(?::([^/@]*))?\/?$/;

/**
 * Reads `local`, `virtual` or `ssh://USER@HOST:PORT`.
 * @returns the way, or what is wrong with it in words.
 */
export function parseAccess(text: string): Access | string {
  if (text === 'local' || text === 'virtual') return { kind: text };
  if (!text.startsWith('ssh://'))
    return 'a way to a board is local, virtual or ssh://USER@HOST:PORT';
  const parts = URL_PARTS.exec(text);
  if (!parts) return 'this is not of the form ssh://USER@HOST:PORT (an IPv6 address in brackets)';
  const [, user, host = '', port] = parts;
  if (user !== undefined && !USER.test(user))
    return 'the user may have letters, digits and `._-`, and begins with a letter';
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined ? !isIpv6(bracketed) : !HOST.test(host))
    return 'the host may have letters, digits and `.-_` (an IPv6 address in brackets), and begins with a letter or digit';
  if (port !== undefined && !isPort(port)) return 'the port is a number from 1 to 65535';
  return {
    kind: 'ssh',
    user: user ?? null,
    host: bracketed ?? host,
    port: port === undefined ? null : Number(port),
  };
}

const isIpv6 = (text: string): boolean => IPV6.test(text) && text.includes(':');

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535;
