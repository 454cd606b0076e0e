import { printable } from '../terminal.ts';

/** Text that is HTML already. Only {@link html} makes one. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * HTML from a template: every value in it is escaped, for text and for quoted attributes alike, but markup,
 * which stays as it is. Lists are joined; an absent value is nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: strings.map((text, i) => text + (i < parts.length ? show(parts[i]) : '')).join(''),
  };
}

function show(part: Part): string {
  if (part === undefined) return '';
  if (isList(part)) return part.map(show).join('');
  return typeof part === 'object' ? part.markup : escapeHtml(String(part));
}

function isList(part: Part): part is readonly Part[] {
  return Array.isArray(part);
}

/** `text` for HTML text and for attributes in double or single quotes. */
export function escapeHtml(text: string): string {
  return printable(text).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
