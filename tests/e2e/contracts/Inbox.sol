// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What a driver sees of the Taiko inbox: the events and views of the deployed contract, exact to
/// the byte. Who may propose and what a proof proves is nothing that a driver reads: anybody may.
contract Inbox {
    struct BlobSlice {
        bytes32[] blobHashes;
        uint24 offset;
        uint48 timestamp;
    }

    struct DerivationSource {
        bool isForcedInclusion;
        BlobSlice blobSlice;
    }

    struct Proposal {
        uint48 id;
        uint48 timestamp;
        uint48 endOfSubmissionWindowTimestamp;
        address proposer;
        bytes32 parentProposalHash;
        uint48 originBlockNumber;
        bytes32 originBlockHash;
        uint8 basefeeSharingPctg;
        DerivationSource[] sources;
    }

    struct CoreState {
        uint48 nextProposalId;
        uint48 lastProposalBlockId;
        uint48 lastFinalizedProposalId;
        uint48 lastFinalizedTimestamp;
        uint48 lastCheckpointTimestamp;
        bytes32 lastFinalizedBlockHash;
    }

    event Proposed(
        uint48 indexed id,
        address indexed proposer,
        bytes32 parentProposalHash,
        uint48 endOfSubmissionWindowTimestamp,
        uint8 basefeeSharingPctg,
        DerivationSource[] sources
    );
    event Proved(
        uint48 firstProposalId,
        uint48 firstNewProposalId,
        uint48 lastProposalId,
        address indexed actualProver
    );

    uint8 private constant BASEFEE_SHARING_PCTG = 75;
    uint48 public immutable activationTimestamp;

    CoreState private _state;
    bytes32 private _lastProposalHash;
    BlobSlice[] private _forced;
    uint256 private _forcedHead;

    /// `genesis`: hash of the L2 genesis block.
    constructor(bytes32 genesis) {
        activationTimestamp = uint48(block.timestamp);
        _state.nextProposalId = 1;
        _state.lastFinalizedTimestamp = uint48(block.timestamp);
        _state.lastFinalizedBlockHash = genesis;
        DerivationSource[] memory none;
        Proposal memory activation;
        activation.sources = none;
        _lastProposalHash = keccak256(abi.encode(activation));
        emit Proposed(0, address(0), bytes32(0), 0, 0, none);
    }

    function getCoreState() external view returns (CoreState memory) {
        return _state;
    }

    /// The inclusions head .. tail - 1 wait.
    function getForcedInclusionState() external view returns (uint48 head, uint48 tail) {
        return (uint48(_forcedHead), uint48(_forced.length));
    }

    function saveForcedInclusion(uint16 start, uint16 count, uint24 offset) external {
        _forced.push(_slice(start, count, offset));
    }

    /// Takes up to `forced` waiting inclusions, then blobs start .. start + count - 1 of this
    /// transaction. At most one proposal per L1 block.
    function propose(uint16 start, uint16 count, uint24 offset, uint16 forced) external {
        require(block.number > _state.lastProposalBlockId, "one proposal per block");
        uint256 waiting = _forced.length - _forcedHead;
        uint256 taken = forced < waiting ? forced : waiting;
        Proposal memory proposal;
        proposal.sources = new DerivationSource[](taken + 1);
        for (uint256 i = 0; i < taken; ++i) {
            proposal.sources[i] = DerivationSource(true, _forced[_forcedHead + i]);
        }
        _forcedHead += taken;
        proposal.sources[taken] = DerivationSource(false, _slice(start, count, offset));
        proposal.id = _state.nextProposalId++;
        proposal.timestamp = uint48(block.timestamp);
        proposal.proposer = msg.sender;
        proposal.parentProposalHash = _lastProposalHash;
        proposal.originBlockNumber = uint48(block.number - 1);
        proposal.originBlockHash = blockhash(block.number - 1);
        proposal.basefeeSharingPctg = BASEFEE_SHARING_PCTG;
        _lastProposalHash = keccak256(abi.encode(proposal));
        _state.lastProposalBlockId = uint48(block.number);
        emit Proposed(
            proposal.id,
            proposal.proposer,
            proposal.parentProposalHash,
            0,
            proposal.basefeeSharingPctg,
            proposal.sources
        );
    }

    /// Proposals up to `last` are proven; `blockHash` is the L2 block that ends the last of them.
    function prove(uint48 last, bytes32 blockHash) external {
        uint48 first = _state.lastFinalizedProposalId + 1;
        require(first <= last && last < _state.nextProposalId, "nothing to prove");
        _state.lastFinalizedProposalId = last;
        _state.lastFinalizedTimestamp = uint48(block.timestamp);
        _state.lastCheckpointTimestamp = uint48(block.timestamp);
        _state.lastFinalizedBlockHash = blockHash;
        emit Proved(first, first, last, msg.sender);
    }

    function _slice(uint16 start, uint16 count, uint24 offset)
        private
        view
        returns (BlobSlice memory slice)
    {
        require(count > 0, "no blobs");
        slice.blobHashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            slice.blobHashes[i] = blobhash(start + i);
            require(slice.blobHashes[i] != 0, "blob not found");
        }
        slice.offset = offset;
        slice.timestamp = uint48(block.timestamp);
    }
}
