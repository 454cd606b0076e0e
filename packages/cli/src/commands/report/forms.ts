/** Forms that `tierlab report` writes, and what each is. */
export const reportForms = {
  html: 'one file to read in a browser, with the result in it',
  md: 'the summary in Markdown',
  csv: 'a table',
  json: 'the result, as compare writes it to runs.json',
  parquet: 'a table (needs --out)',
  all: 'every file that compare writes (needs --out, a folder)',
} as const;

/** Tables of a result that `--table` names. */
export const reportTables = ['placement', 'intervals', 'pairs'] as const;
