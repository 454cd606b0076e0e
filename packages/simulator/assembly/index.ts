export { advanceRuns, setAdvance } from './advance';
export {
  owingPages,
  redatePages,
  replayArrival,
  replayArrivalTimed,
  replayRecency,
  replayRecencyTimed,
  replaySecondChance,
  replaySecondChanceTimed,
  settleNodes,
} from './cache';
export { countBytes } from './byte-counts';
export { judgeMove, judgePairs } from './judge';
export { clearCounts, largestPage, largestThread, soleThread } from './columns';
export { replayCounting, replayFlagged, replayGeneral, replayPlain } from './replay';
export { countChunks } from './chunks';
export { countEpoch, countPiece, countServed, foldCounts, forgetPiece, joinWords, stampPages, takePiece, touchWritten } from './shared';
export { turnWords } from './rows';
export { replayRecencies } from './recency';
export { heapBase, stateBase } from './state';
export { groupCounts, samplePages } from './sample';
export { renumberPositions, stackDistances } from './stack-distance';
export { tallyBlock, unpaidPages } from './tally';
export { walkPiece } from './walk';
export {
  replayThreads,
  replayThreadsCounting,
  replayThreadsFlagged,
  replayTimed,
  replayTimedCounting,
  replayTimedFlagged,
} from './timed';
