import { createHash } from 'node:crypto';

import { escapeHtml, type Markup } from './markup.ts';
import { STYLE } from './style.ts';

/** What a page of ours is made of. */
export interface HtmlDocument {
  readonly title: string;
  readonly body: Markup;
  /** An element with data for programs, after the body. */
  readonly data?: string;
  readonly script?: string;
}

/** One HTML file that needs nothing else and may load nothing: its policy names its own script, and images within it. */
export function htmlDocument({ title, body, data, script }: HtmlDocument): string {
  const mayRun =
    script === undefined
      ? "'none'"
      : `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${mayRun}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="tierlab">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${[tidy(body.markup), data, script && `<script>${script}</script>`].filter(Boolean).join('\n')}
</body>
</html>
`;
}

/** Indentation of the templates is of no use to a reader of the page. */
const tidy = (markup: string): string => markup.replaceAll(/\n\s+/g, '\n');
