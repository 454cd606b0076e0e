import type { PolicyPair } from '../pairs.ts';
import type { Result } from '../result.ts';
import { showBytes } from '../terminal.ts';
import { html, type Markup } from './markup.ts';

/** Policies against each other, with intervals drawn. */
export function pairSection({ pairs = [] }: Result): Markup | undefined {
  if (pairs.length === 0) return undefined;
  const shown = pairs.slice(0, 300);
  const ends = shown.flatMap((pair) => [
    pair.timeRatio,
    pair.timeRatioLow ?? pair.timeRatio,
    pair.timeRatioHigh ?? pair.timeRatio,
  ]);
  const reach = Math.max(...ends.map((ratio) => Math.abs(Math.log(ratio))), Math.log(1.01));
  const machines = new Set(shown.map((pair) => pair.machine)).size;
  const where = (pair: PolicyPair): string =>
    [pair.trace, ...(machines > 1 ? [pair.machine] : []), sizes(pair.capacities)].join(', ');
  const several = new Set(shown.map(where)).size > 1;
  return html`<section id="pairs" aria-labelledby="pairs-title">
    <h2 id="pairs-title">Pairs of policies</h2>
    <p class="note">
      Time of the one over time of the other; below 1 the first is quicker. A verdict is given only
      where the whole interval is on one side.
      ${pairs.length > 300 ? `The first 300 of ${pairs.length}; pairs.csv has all.` : ''}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Pairs of policies">
      <table class="sortable">
        <thead>
          <tr>
            ${several ? html`<th scope="col"><button>where</button></th>` : undefined}
            <th scope="col"><button>policy</button></th>
            <th scope="col"><button>other</button></th>
            <th scope="col" class="n"><button>pairs</button></th>
            <th scope="col" class="n"><button>time ratio</button></th>
            <th scope="col"><button>verdict</button></th>
            <th scope="col"><button>interval</button></th>
            <th scope="col" class="n"><button>p (Holm)</button></th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (pair) =>
              html`<tr>
                ${several ? html`<td class="t">${where(pair)}</td>` : undefined}
                <th scope="row">${pair.policy}</th>
                <td class="t">${pair.other}</td>
                <td class="n">${String(pair.pairs)}</td>
                <td class="n">${pair.timeRatio.toFixed(4)}</td>
                <td class="${VERDICT_CLASS[pair.verdict]}">${pair.verdict}</td>
                <td class="t" data-v="${String(pair.timeRatio)}">${whisker(pair, reach)}</td>
                <td class="n">
                  ${pair.pValueHolm === undefined ? '' : pair.pValueHolm.toPrecision(2)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const VERDICT_CLASS: Readonly<Record<PolicyPair['verdict'], string>> = {
  quicker: 'good',
  slower: 'bad',
  equal: 't',
  undecided: 'quiet',
};

/** `node0=4096` as `node0 4 KiB`. */
function sizes(capacities: string): string {
  return capacities.replaceAll(/=(\d+)/g, (_, bytes: string) => ` ${showBytes(Number(bytes))}`);
}

/** The interval on a logarithmic axis with 1 in the middle. */
function whisker({ timeRatio, timeRatioLow, timeRatioHigh }: PolicyPair, reach: number): Markup {
  const x = (ratio: number): number => Math.round(60 + (Math.log(ratio) / reach) * 55);
  const text =
    timeRatioLow === undefined || timeRatioHigh === undefined
      ? 'no interval'
      : `${timeRatioLow.toFixed(4)} to ${timeRatioHigh.toFixed(4)}`;
  return html`<svg class="whisker" viewBox="0 0 120 14" role="img" aria-label="${text}">
      <line class="one" x1="60" x2="60" y1="0" y2="14" />
      ${
        timeRatioLow === undefined || timeRatioHigh === undefined
          ? undefined
          : html`<line
              class="span"
              x1="${x(timeRatioLow)}"
              x2="${x(timeRatioHigh)}"
              y1="7"
              y2="7"
            />`
      }
      <circle cx="${x(timeRatio)}" cy="7" r="3" /></svg
    ><span class="quiet">${text}</span>`;
}
