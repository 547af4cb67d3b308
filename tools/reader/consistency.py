"""What a bundle's content says of its manifest: chains and digests (02), taking a delta in (01).

The deltas are taken in by a receiver that holds exactly their bases and knows nothing else. What
it cannot know, because it is older than the bundle, is never held against the bundle.
"""

from dataclasses import dataclass

from .canonical import (
    LOG,
    UNKNOWN_CHAIN,
    Chain,
    Refusal,
    digest_of,
    dot_bytes,
    event_bytes,
    record_items,
)


@dataclass
class Finding:
    """`what` was compared and with which outcome; `refusal` says what it contradicts, if so."""

    what: str
    outcome: str
    refusal: Refusal | None = None


EQUAL = "recomputed, equal"


# Vectors (01, Vectors)


def expand(vector, births):
    """What a vector means: the highest sequence seen, by epoch."""
    seen, todo = {}, list(vector)
    while todo:
        dot = todo.pop()
        is_first = dot.epoch not in seen
        seen[dot.epoch] = max(seen.get(dot.epoch, 0), dot.sequence)
        if is_first and dot.epoch in births:
            todo += births[dot.epoch].parents
    return seen


def covers(vector, other, births):
    seen = expand(vector, births)
    return all(seen.get(dot.epoch, 0) >= dot.sequence for dot in other)


def is_leaves(vector, births):
    """Whether no entry is reached by the births of the others."""
    parents = [
        parent for dot in vector if dot.epoch in births for parent in births[dot.epoch].parents
    ]
    seen = expand(parents, births)
    return all(seen.get(dot.epoch, 0) < dot.sequence for dot in vector)


# A bundle


def check_bundle(bundle):
    """The findings of each delta, in the order of the manifest."""
    homes, findings = {}, []
    for content in bundle.contents:
        findings.append(_Receiver(content, homes).findings())
    return findings


def first_refusal(findings):
    """The first thing that a receiver at the bases would hold against the bundle, or None."""
    refusals = (each.refusal for delta in findings for each in delta if each.refusal)
    return next(refusals, None)


class _Receiver:
    """Takes one delta in (01, Taking a delta in). `homes` has the births of all deltas so far."""

    def __init__(self, content, homes):
        self.content = content
        self.delta = content.delta
        self.is_log = self.delta.partition.section == LOG
        self.homes = homes
        self.births = {}
        self.held = {}
        self.computed = {}

    def findings(self):
        try:
            self._take_births()
        except Refusal as refusal:
            return [Finding("births", refusal.text, refusal)]
        if not self.content.is_whole:
            return [Finding("content", "not checked, since not all pieces could be read")]
        try:
            if covers(self.delta.base, self.delta.target, self.births):
                pass
            elif self.is_log:
                self._take_events()
            else:
                self._take_records()
        except Refusal as refusal:
            return [Finding("content", refusal.text, refusal)]
        findings = self._check_chains() if self.is_log else []
        return findings + [self._check_digest()]

    def _is_fresh(self):
        """Whether the receiver holds nothing, so that the delta must bring everything."""
        return not self.delta.base

    def _take_births(self):
        """Steps 3 to 5."""
        for birth in self.delta.births:
            for parent in birth.parents:
                if self._is_fresh() and parent.epoch not in self.births:
                    raise Refusal("gap", f"the birth of {parent.epoch:016x} is missing")
            self.births.setdefault(birth.epoch, birth)
        for birth in self.delta.births:
            home = (self.delta.partition, birth)
            if self.homes.setdefault(birth.epoch, home) != home:
                raise Refusal("fork", f"{birth.epoch:016x} has two births")
        for dot in self.delta.target:
            if self._is_fresh() and dot.epoch not in self.births:
                raise Refusal("gap", f"the birth of {dot.epoch:016x} is missing")

    def _take_events(self):
        """Steps 9 and 11; computes the chains of all epochs that are born here."""
        held = self.held
        held |= {dot.epoch: dot.sequence for dot in self.delta.base}
        held |= {epoch: held.get(epoch, 0) for epoch in self.births}
        wanted = {dot for birth in self.delta.births for dot in birth.parents}
        wanted |= set(self.delta.target)
        chains = {}
        for collection, dot, cells in self.content.events():
            epoch, sequence = dot
            birth = self.births.get(epoch)
            if birth is None:
                if self._is_fresh():
                    raise Refusal("gap", f"the birth of {epoch:016x} is missing")
                held[epoch] = max(held.get(epoch, 0), sequence)
                continue
            if sequence > held[epoch] + 1:
                raise Refusal("gap", f"{dot} comes after {held[epoch]} events of its epoch")
            if sequence <= held[epoch]:
                continue
            if sequence == 1:
                self._demand_parents(birth)
                chains[epoch] = self._chain(birth)
            held[epoch] = sequence
            chain = chains.get(epoch)
            if chain:
                chain.add(event_bytes(collection.name, cells))
                if dot in wanted:
                    self.computed[dot] = chain.value()
        self._demand_target()

    def _demand_parents(self, birth):
        for parent in birth.parents:
            is_known = self._is_fresh() or parent.epoch in self.births
            if is_known and self.held.get(parent.epoch, 0) < parent.sequence:
                raise Refusal("gap", f"{birth.epoch:016x} comes before its parent {parent}")

    def _chain(self, birth):
        """The chain at an epoch's birth, or None if a parent's value is not known here."""
        values = [self.computed.get(parent) for parent in birth.parents]
        return None if None in values else Chain(self.delta.partition, birth, values)

    def _demand_target(self):
        """An epoch that is older than the delta may be held further than a long base says."""
        for dot in self.delta.target:
            is_known = dot.epoch in self.births or len(self.delta.base) == 1
            if is_known and self.held.get(dot.epoch, dot.sequence) < dot.sequence:
                raise Refusal("delta_malformed", f"the target {dot} is not reached")

    def _take_records(self):
        """Step 10, where nothing older can make up for what is missing."""
        if not self._is_fresh():
            return
        target = expand(self.delta.target, self.births)
        expansions = {}
        for record in self.content.records():
            if record.vector not in expansions:
                expansions[record.vector] = expand(record.vector, self.births)
            seen = expansions[record.vector]
            for dot in (record.id, *record.vector):
                if target.get(dot.epoch, 0) < dot.sequence:
                    raise Refusal("delta_malformed", f"the target does not cover {dot}")
            for siblings in record.fields.values():
                for dot, _, _ in siblings:
                    if seen.get(dot.epoch, 0) < dot.sequence:
                        raise Refusal(
                            "delta_malformed", f"{record.id}: its vector does not cover {dot}"
                        )

    def _check_chains(self):
        """Step 11: the chain values at the target."""
        findings = []
        for dot, told in zip(self.delta.target, self.delta.target_chains):
            what, value = f"chain at {dot}", self.computed.get(dot)
            if told == UNKNOWN_CHAIN:
                findings.append(Finding(what, "not told"))
            elif value is None:
                findings.append(Finding(what, "not computable from this bundle"))
            elif value == told:
                findings.append(Finding(what, EQUAL))
            else:
                text = f"the chain at {dot} is {value.hex()}, the manifest says {told.hex()}"
                findings.append(Finding(what, text, Refusal("fork", text)))
        return findings

    def _check_digest(self):
        """Step 13, for a receiver whose vector becomes the target."""
        told = self.delta.digest
        if told == 0:
            return Finding("digest", "not told")
        value, remark = self._log_digest() if self.is_log else self._record_digest()
        if value is None:
            return Finding("digest", f"not computable: {remark}")
        if value == told:
            return Finding("digest", EQUAL + remark)
        text = f"the digest is {value:016x}, the manifest says {told:016x}"
        return Finding("digest", text, Refusal("digest_mismatch", text))

    def _log_digest(self):
        """The digest from the chain values at the target, and a remark."""
        if not is_leaves(self.delta.target, self.births):
            return None, "the target is not leaves"
        target = expand(self.delta.target, self.births)
        is_beyond = any(held > target.get(epoch, 0) for epoch, held in self.held.items())
        if self._is_fresh() and is_beyond:
            return None, "it brings more than its target"
        if UNKNOWN_CHAIN in self.delta.target_chains:
            return None, "a chain value is not told"
        pairs = zip(self.delta.target, self.delta.target_chains)
        is_computed = all(dot in self.computed for dot in self.delta.target)
        remark = "" if is_computed else " (from the chain values that the manifest tells)"
        return digest_of(dot_bytes(dot) + chain for dot, chain in pairs), remark

    def _record_digest(self):
        """The digest from all records, and a remark."""
        if not self._is_fresh():
            return None, "the base is not empty"
        if not is_leaves(self.delta.target, self.births):
            return None, "the target is not leaves"
        records = list(self.content.records())
        if len({record.id for record in records}) < len(records):
            return None, "a record comes twice"
        return digest_of(item for record in records for item in record_items(record)), ""
