// @ts-check
/**
 * Where the points of a sparkline lie, and the height of the line it is measured against.
 * @param {number[]} values
 * @param {number | null} base the previous close
 * @param {number} width
 * @param {number} height
 * @returns {{points: [number, number][], base: number | null}}
 */
export function plot(values, base, width, height) {
  const all = base === null ? values : [...values, base];
  const low = Math.min(...all);
  const range = Math.max(...all) - low || 1;
  const y = (/** @type {number} */ value) => height - 2 - ((value - low) / range) * (height - 4);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  return { points: values.map((value, i) => [1 + i * step, y(value)]), base: base === null ? null : y(base) };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} values
 * @param {number | null} base
 * @param {{line: string, base: string}} colours
 */
export function draw(canvas, values, base, colours) {
  const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const pen = canvas.getContext('2d');
  if (!pen || !width) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  pen.scale(ratio, ratio);
  if (values.length < 2) return;
  const shape = plot(values, base, width, height);
  if (shape.base !== null) rule(pen, shape.base, width, colours.base);
  pen.beginPath();
  for (const [x, y] of shape.points) pen.lineTo(x, y);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1.3;
  pen.lineJoin = 'round';
  pen.stroke();
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} y
 * @param {number} width
 * @param {string} colour
 */
function rule(pen, y, width, colour) {
  pen.save();
  pen.setLineDash([1, 2]);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(0, Math.round(y) + 0.5);
  pen.lineTo(width, Math.round(y) + 0.5);
  pen.stroke();
  pen.restore();
}
