// @ts-check
/** @import {Bar} from '../bars.js' */
import { day, minute } from '../clock.js';
import { colour } from '../paint.js';
import { decimals } from '../format.js';
import {
  CandlestickSeries, ColorType, createChart, createSeriesMarkers, HistogramSeries, LineStyle, TickMarkType,
} from '../../vendor/lightweight-charts/lightweight-charts.standalone.production.mjs';

const UTC_DAY = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' });
const UTC_MONTH = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short' });
const UTC_DATE = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric', year: 'numeric' });

/** The library, dressed in our colours. Bars go in, nothing else comes out. */
export class Drawing {
  #chart;
  #candles;
  #volume;
  #line;
  #markers;
  #daily = false;
  #always = false;
  #width = 0;
  #count = 0;

  /**
   * @param {HTMLElement} element
   * @param {(time: number | null) => void} hover the bar under the pointer, seconds
   */
  constructor(element, hover) {
    // Its own logo would inject a style, which our policy forbids; notice and link are in the footer.
    this.#chart = createChart(element, { autoSize: true, layout: { attributionLogo: false } });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false,
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { lastValueVisible: false, priceLineVisible: false });
    // Our own line for the last price: the library's takes the colour of the body, and a rising body is hollow.
    this.#line = this.#candles.createPriceLine({ price: 0, lineWidth: 1, lineStyle: LineStyle.Dotted, lineVisible: false, axisLabelVisible: false });
    this.#markers = createSeriesMarkers(this.#candles, []);
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#chart.priceScale('right').applyOptions({ scaleMargins: { top: 0.1, bottom: 0.2 } });
    this.#chart.subscribeCrosshairMove((/** @type {any} */ at) => hover(at.time ?? null));
    // A panel behind another tab has no width yet: the newest bars are shown once it has.
    new ResizeObserver(([box]) => this.#resized(box.contentRect.width)).observe(element);
    this.dress();
  }

  /** Takes the colours of the theme that is set now. */
  dress() {
    const [up, down, ink, line, strong] = ['up', 'down', 'ink-2', 'line', 'line-strong'].map(colour);
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: 'transparent' }, textColor: ink, fontSize: 11,
        fontFamily: colour('font'), attributionLogo: false,
      },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderVisible: false },
      timeScale: { borderVisible: false, rightOffset: 4, minBarSpacing: 1.5 },
      crosshair: { vertLine: { color: strong, labelBackgroundColor: strong }, horzLine: { color: strong, labelBackgroundColor: strong } },
    });
    this.#candles.applyOptions({
      upColor: 'transparent', borderUpColor: up, wickUpColor: up, downColor: down, borderDownColor: down, wickDownColor: down,
    });
  }

  /**
   * @param {(Bar | {time: number})[]} bars
   * @param {{length: number, always: boolean, fit: boolean}} options `length` in seconds; `fit`: show the newest
   */
  show(bars, { length, always, fit }) {
    this.#daily = length >= 86_400;
    this.#always = always;
    this.#chart.applyOptions({
      localization: { timeFormatter: (/** @type {number} */ at) => this.#moment(at) },
      timeScale: { timeVisible: !this.#daily, tickMarkFormatter: (/** @type {number} */ at, /** @type {number} */ kind) => this.#tick(at, kind) },
    });
    const last = /** @type {Bar | undefined} */ (bars.findLast((bar) => 'close' in bar));
    const places = decimals(last?.close ?? 1);
    this.#candles.applyOptions({ priceFormat: { type: 'price', precision: places, minMove: 10 ** -places } });
    this.#candles.setData(bars);
    this.#volume.setData(bars.map((bar) => this.#bulk(bar)));
    this.#count = bars.length;
    if (last) this.#mark(last);
    if (fit) this.#fit();
  }

  /** @param {import('./marks.js').Mark[]} marks each on a bar that is shown, rising */
  mark(marks) {
    this.#markers.setMarkers(marks.map(({ time, buy, text }) => ({
      time, text, position: buy ? 'belowBar' : 'aboveBar', shape: buy ? 'arrowUp' : 'arrowDown', color: colour(buy ? 'up' : 'down'),
    })));
  }

  /** The last price on the right scale. @param {Bar} bar */
  #mark({ open, close }) {
    const shade = colour(close >= open ? 'up' : 'down');
    const text = colour('surface');
    this.#line.applyOptions({ price: close, color: shade, axisLabelColor: shade, axisLabelTextColor: text, lineVisible: true, axisLabelVisible: true });
  }

  /** @param {Bar} bar the last one, or a new one behind it */
  update(bar) {
    this.#candles.update(bar);
    this.#volume.update(this.#bulk(bar));
    this.#mark(bar);
  }

  /** @param {Bar | {time: number}} bar */
  #bulk(bar) {
    if (!('close' in bar)) return bar;
    return { time: bar.time, value: bar.volume, color: colour(bar.close >= bar.open ? 'up-wash' : 'down-wash') };
  }

  #fit() {
    if (!this.#width || !this.#count) return;
    const room = Math.round(this.#width / 7.5);
    this.#chart.timeScale().setVisibleLogicalRange({ from: this.#count - room, to: this.#count + 3 });
    this.#chart.priceScale('right').applyOptions({ autoScale: true });
  }

  /** @param {number} width */
  #resized(width) {
    const appeared = width > 0 && this.#width === 0;
    this.#width = width;
    if (appeared) requestAnimationFrame(() => this.#fit());
  }

  /** @param {number} at seconds */
  #moment(at) {
    if (this.#daily) return UTC_DATE.format(at * 1000);
    return `${day(at * 1000)} ${minute(at * 1000)} ET`;
  }

  /**
   * A day's mark stands where the trading day begins, which in the market that never closes is UTC's midnight.
   * @param {number} at seconds
   * @param {number} kind
   */
  #tick(at, kind) {
    if (kind === TickMarkType.Year) return String(new Date(at * 1000).getUTCFullYear());
    if (kind === TickMarkType.Month) return UTC_MONTH.format(at * 1000);
    if (kind === TickMarkType.DayOfMonth) return this.#always || this.#daily ? UTC_DAY.format(at * 1000) : day(at * 1000);
    return minute(at * 1000);
  }
}
