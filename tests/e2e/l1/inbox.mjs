// The inbox: its source compiled, its interface as this client knows it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Interface } from 'ethers';

const SLICE = 'tuple(bytes32[] blobHashes, uint24 offset, uint48 timestamp) blobSlice';
export const INBOX = new Interface([
  'constructor(bytes32 genesis)',
  'event Proposed(uint48 indexed id, address indexed proposer, bytes32 parentProposalHash, ' +
    'uint48 endOfSubmissionWindowTimestamp, uint8 basefeeSharingPctg, ' +
    `tuple(bool isForcedInclusion, ${SLICE})[] sources)`,
  'event Proved(uint48 firstProposalId, uint48 firstNewProposalId, uint48 lastProposalId, ' +
    'address indexed actualProver)',
  'function propose(uint16 start, uint16 count, uint24 offset, uint16 forced)',
  'function saveForcedInclusion(uint16 start, uint16 count, uint24 offset)',
  'function getForcedInclusionState() view returns (uint48 head, uint48 tail)',
  'function getCoreState() view returns (uint48 next, uint48 lastBlock, uint48 lastFinalized, ' +
    'uint48 lastFinalizedTime, uint48 lastCheckpointTime, bytes32 lastFinalizedHash)',
  'function prove(uint48 last, bytes32 blockHash)',
]);
export const PROPOSED = INBOX.getEvent('Proposed').topicHash;

/// Creation code, without the constructor's arguments.
export function compileInbox(file) {
  const solc = createRequire(import.meta.url)('solc');
  const input = {
    language: 'Solidity', sources: { 'Inbox.sol': { content: readFileSync(file, 'utf8') } },
    settings: { viaIR: true, optimizer: { enabled: true }, evmVersion: 'cancun',
                outputSelection: { '*': { '*': ['evm.bytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  return '0x' + output.contracts['Inbox.sol'].Inbox.evm.bytecode.object;
}
