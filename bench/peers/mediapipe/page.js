// What a page does that offers backgrounds: camera frame → canvas → MediaPipe's matte → composite on a canvas → pixels.

const modules = '/modules/@mediapipe/selfie_segmentation/';
let work;
let matte;

function drawing(width, height) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  return canvas.getContext('2d');
}

/** Where there is a picture there are colours: a gradient. */
function background(width, height) {
  const picture = drawing(width, height);
  picture.fillStyle = picture.createLinearGradient(0, 0, width, height);
  picture.fillStyle.addColorStop(0, '#5a8c3c');
  picture.fillStyle.addColorStop(1, '#3c5a8c');
  picture.fillRect(0, 0, width, height);
  return picture.canvas;
}

/** Fetches the clip, I420 frames of this size, and gets everything ready. */
async function open(width, height) {
  const segmentation = new SelfieSegmentation({ locateFile: (file) => modules + file });
  // The network in WebAssembly instead of WebGL: without a GPU that is the faster one by far.
  segmentation.setOptions({ modelSelection: 0, useCpuInference: true });
  segmentation.onResults((results) => { matte = results.segmentationMask; });
  await segmentation.initialize();
  const clip = await (await fetch('/clip')).arrayBuffer();
  // Of all kinds of canvases these two cost the least together where the processor draws.
  const output = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  const camera = drawing(width, height);
  work = { width, height, segmentation, clip, behind: background(width, height), camera, output };
}

async function process(index) {
  const { width, height, segmentation, clip, behind, camera, output } = work;
  const size = width * height * 3 / 2;
  const bytes = new Uint8Array(clip, index * size % clip.byteLength, size);
  const frame = new VideoFrame(bytes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: index });
  camera.drawImage(frame, 0, 0);
  frame.close();
  await segmentation.send({ image: camera.canvas });
  output.globalCompositeOperation = 'copy';
  output.drawImage(matte, 0, 0, width, height);
  output.globalCompositeOperation = 'source-in';
  output.drawImage(camera.canvas, 0, 0);
  output.globalCompositeOperation = 'destination-over';
  output.drawImage(behind, 0, 0);
  // Drawing is put off until somebody wants the pixels.
  return output.getImageData(0, 0, width, height).data.length;
}

async function run(count) {
  for (let index = 0; index < count; index++) await process(index);
}
