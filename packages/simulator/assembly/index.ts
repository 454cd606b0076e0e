export { clearCounts, largestPage } from './columns';
export { replayCounting, replayFlagged, replayGeneral, replayPlain } from './replay';
export { heapBase, stateBase } from './state';
