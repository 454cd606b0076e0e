export { cxlRegion } from './cxl-region.ts';
export { hmat, hmat as policy } from './hmat.ts';
