/*
 * Release: deletes, stubs, and when content may go (01 Records; 05 Release; docs/decisions.md).
 *
 * MODELLED. One record of a partition that three replicas share in a row: a station (0), its hub (1), the
 * hub above (2). The record is made at the hub; W - 1 further writes edit or delete it anywhere. A record
 * has a vector, the surviving values of one field, and the surviving deletions; what is sent and how it
 * merges is as in RecordState+Merge.swift, and the rules by which Court.swift takes a delta for
 * malformed are there too. A replica releases the content when all its neighbours that are not retired have
 * said to hold every write of the record (Release.swift, Store+Release.swift): it asks nobody else. Said
 * is what was heard last, from an old stick too. A stick lies between station and hub (STICKS 2: one in each
 * direction), written and read at any time. The hub retires the station and waits for it again. Nobody has a clock: a
 * station that is silent for two years is one of which nothing comes. Station and hub are put back to
 * copies of any moment.
 *
 * LEFT OUT. Several records, the authority of authors (who may delete), bytes. Bundles are whole or lost.
 *
 * PROPERTIES, after every step:
 *   P10  whoever has seen a deletion does not show the record: it never returns
 *   P10  content goes only when each live neighbour has held all of it
 *   P10  no value that was released comes back beneath a stub
 *   P2, P6  equal vectors mean an equal dump, whether the content was released or not
 * and if the world falls calm at any moment, no refusal lasts: after ROUNDS rounds all vectors are equal.
 *
 * SWITCHES. W, RS restores of the station, RH of the hub, STICKS, ROUNDS. Mistakes: STUB_FORGOTTEN, BY_AGE, SENT_IS_HELD,
 * SILENT_IS_RETIRED, VECTOR_DROPPED, ABSENT_IS_EMPTY, DELETE_IS_A_VALUE, DIGEST_OF_ALL.
 * LOOKS_ONLY leaves out P2 and P6, so that what fails is what people see.
 * As the code is now, one thing is open (README.md): what happens with ALONE, which is that there is no other record in
 * the partition, so that a delta of nothing is not written. STUB_SENT mends it: the deletion of a record is sent wherever
 * the base does not cover the record's vector.
 * STRICT asks for more than is true: that no honest delta is ever taken for malformed.
 */
#ifndef W
#define W 4
#endif
#ifndef RS
#define RS 1
#endif
#ifndef RH
#define RH 0
#endif
#ifndef STICKS
#define STICKS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define BIT(i) (1 << (i))
#define IN(x, y) (((x) & ~(y)) == 0)

typedef Replica {
  unsigned v : W;           /* the partition's vector */
  unsigned rv : W;          /* the record's */
  unsigned values : W;      /* surviving values of its field */
  unsigned deletes : W;     /* surviving deletions: with one the record is deleted */
  unsigned down : W;        /* what the neighbour below said to hold */
  unsigned up : W           /* what the neighbour above said to hold */
}
typedef Bundle {
  bit there;
  unsigned base : W;
  unsigned target : W;
  unsigned rv : W;
  unsigned values : W;      /* 0: the field is not in the delta */
  unsigned deletes : W
}

Replica r[3];
Replica copy[2];
bit copied[2];
Bundle upwards, downwards;  /* on the sticks between station and hub */
Bundle wire;
unsigned written : 3; unsigned deletions : W;   /* which of the writes are deletions */
bit retired;
unsigned rs : 1 = RS; unsigned rh : 1 = RH;
/* For the properties only. */
unsigned held0 : W; unsigned held1 : W;         /* ever, where one may be set back */
#ifdef VECTOR_DROPPED
byte released[3];
#endif
bit calm;

byte i, kept, keptDeletes, counted0, counted1; bit bad;     /* scratch */
#define HELD(c) (r[c].v | (c == 0 -> held0 : (c == 1 -> held1 : 0)))

inline write_(c, isDelete) {
  r[c].v = r[c].v | BIT(written); r[c].rv = r[c].rv | BIT(written);
#ifdef DELETE_IS_A_VALUE
  r[c].values = BIT(written);               /* a value like others: it wins or loses */
  if :: isDelete -> deletions = deletions | BIT(written) :: else fi;
#else
  if
  :: isDelete -> r[c].deletes = BIT(written); deletions = deletions | BIT(written)
  :: else -> r[c].values = BIT(written)
  fi;
#endif
  written++
}

inline compose(c, told, b) {
  b.there = 1;
  b.base = told & r[c].v;
  b.target = r[c].v;
  b.values = (IN(r[c].values, b.base) -> 0 : r[c].values);
#ifdef STUB_SENT            /* of a deleted record, wherever its vector is not known */
  b.deletes = (IN(r[c].rv, b.base) -> 0 : r[c].deletes);
#else
  b.deletes = (IN(r[c].deletes, b.base) -> 0 : r[c].deletes);
#endif
  b.rv = (b.values || b.deletes -> r[c].rv : 0)
}

/* A field of which `mine` survives here and `theirs` came; the result is in `to`. */
#define MERGED(c, b, mine, theirs) \
  ((mine & theirs) | (mine & ~theirs & ~b.rv) | (theirs & ~mine & ~r[c].rv))

inline take(c, b) {
  if
#ifdef ALONE                /* no other record in the partition: a delta of nothing is not written */
  :: IN(b.base, r[c].v) && !IN(b.target, r[c].v) && b.rv != 0 ->
#else
  :: IN(b.base, r[c].v) && !IN(b.target, r[c].v) ->
#endif
     kept = r[c].values; keptDeletes = r[c].deletes;
     if :: b.values -> kept = MERGED(c, b, r[c].values, b.values) :: else fi;
     if :: b.deletes -> keptDeletes = MERGED(c, b, r[c].deletes, b.deletes) :: else fi;
#ifdef ABSENT_IS_EMPTY
     if
     :: b.rv && !b.values -> kept = r[c].values & ~b.rv
     :: b.rv && !b.deletes -> keptDeletes = r[c].deletes & ~b.rv
     :: else
     fi;
#endif
     printf("  delta %x to %x: record vector %x, values %x, deletions %x\n", b.base, b.target, b.rv,
       b.values, b.deletes);
     /* Court: a value that was seen before and is not held, or one that goes without another. */
#ifdef DELETED_IS_ASKED     /* a mistake: what lies beneath a deletion may have been released here */
     bad = (((kept & ~r[c].values) | (keptDeletes & ~r[c].deletes)) & r[c].v) != 0 ||
       (IN(kept, r[c].values) && kept != r[c].values) ||
       (IN(keptDeletes, r[c].deletes) && keptDeletes != r[c].deletes);
#else
     bad = ((keptDeletes & ~r[c].deletes) & r[c].v) != 0 ||
       (keptDeletes == 0 && (((kept & ~r[c].values) & r[c].v) != 0 ||
       (IN(kept, r[c].values) && kept != r[c].values)));
#endif
#ifdef ABSENT_IS_EMPTY
     bad = 0;
#endif
#ifdef VECTOR_DROPPED
     bad = 0;
#endif
     if
     :: bad -> printf("  taken for malformed\n") :: else
     fi;
#ifdef STRICT
     assert(!bad);
#endif
     if
     :: !bad ->
        r[c].values = kept; r[c].deletes = keptDeletes;
        r[c].rv = r[c].rv | b.rv; r[c].v = r[c].v | b.target
     :: else
     fi;
     kept = 0; keptDeletes = 0; bad = 0
  :: else                                   /* held already, or a gap */
  fi
}

/* From c to the one above it (d = c + 1), and from the one above to c. What is told is remembered. */
inline rise(c, d, b) { r[d].down = b.target; take(d, b) }
inline fall(c, d, b) { r[c].up = b.target; take(c, b) }

#ifdef BY_AGE
#define CONFIRMED(c) true
#else
#ifdef SILENT_IS_RETIRED    /* of whom nothing was heard is not waited for */
#define CONFIRMED(c) \
  ((c == 0 || (c == 1 && (retired || r[c].down == 0)) || IN(r[c].rv, r[c].down)) && \
   (c == 2 || r[c].up == 0 || IN(r[c].rv, r[c].up)))
#else
#define CONFIRMED(c) \
  ((c == 0 || (c == 1 && retired) || IN(r[c].rv, r[c].down)) && (c == 2 || IN(r[c].rv, r[c].up)))
#endif
#endif

inline release(c) {
  /* P10: each live neighbour has held it */
  assert((c == 0 || (c == 1 && retired) || IN(r[c].rv, HELD(c - 1))) &&
    (c == 2 || IN(r[c].rv, HELD(c + 1))));
#ifdef VECTOR_DROPPED
  released[c] = released[c] | r[c].values;
#endif
  r[c].values = 0;
#ifdef VECTOR_DROPPED
  r[c].rv = r[c].deletes;
#endif
#ifdef STUB_FORGOTTEN
  r[c].rv = 0; r[c].deletes = 0
#endif
}

#ifdef DELETE_IS_A_VALUE
#define SHOWN(c) (r[c].values & ~deletions)
#else
#define SHOWN(c) (r[c].values && !r[c].deletes)
#endif
#ifdef DIGEST_OF_ALL
#define COUNTED(c) (r[c].deletes | r[c].values)
#else
#define COUNTED(c) (r[c].deletes -> r[c].deletes : r[c].values)
#endif

inline check() {
  i = 0;
  do
  :: i < 3 -> assert(!SHOWN(i) || !(r[i].v & deletions)); i++          /* P10: it never returns */
  :: else -> break
  od; i = 0;
#ifdef VECTOR_DROPPED       /* otherwise the record's vector tells, which only grows */
  assert(!(r[0].values & released[0]) && !(r[1].values & released[1]) && !(r[2].values & released[2]));
#endif
#ifndef LOOKS_ONLY
  i = 0;
  do
  :: i < 2 ->                                                           /* P2, P6 */
     counted0 = COUNTED(i); counted1 = COUNTED(i + 1);
     assert(r[i].v != r[i + 1].v || counted0 == counted1); i++
  :: else -> break
  od;
#endif
  i = 0; counted0 = 0; counted1 = 0
}

inline tell(c) {
  printf("  %d: vector %x, record vector %x, values %x, deletions %x; below told %x, above %x\n", c, r[c].v,
    r[c].rv, r[c].values, r[c].deletes, r[c].down, r[c].up)
}

inline put(to, from) {
  to.v = from.v; to.rv = from.rv; to.values = from.values; to.deletes = from.deletes;
  to.down = from.down; to.up = from.up
}

inline clean(b) {
  b.there = 0; b.base = 0; b.target = 0; b.rv = 0; b.values = 0; b.deletes = 0
}

inline pair(c, d) {
  compose(c, r[c].up, wire); rise(c, d, wire); compose(d, r[d].down, wire); fall(c, d, wire)
}

init {
  byte c, n;
  d_step { r[1].v = 1; r[1].rv = 1; r[1].values = 1; written = 1 }
  do
  :: calm -> break
  :: else -> atomic {
     if :: c = 0 :: c = 1 :: c = 2 fi;
     if
     :: written < W && SHOWN(c) && !(r[c].v & deletions) -> d_step { printf("%d edits: write %d\n", c, written); write_(c, 0) }
     :: written < W && SHOWN(c) && !(r[c].v & deletions) -> d_step { printf("%d deletes: write %d\n", c, written); write_(c, 1) }
     :: c < 2 -> d_step { printf("a bundle from %d to %d\n", c, c + 1);
        compose(c, r[c].up, wire); rise(c, c + 1, wire) }
     :: c < 2 -> d_step { printf("a bundle from %d to %d\n", c + 1, c);
        compose(c + 1, r[c + 1].down, wire); fall(c, c + 1, wire) }
#ifdef SENT_IS_HELD
     :: c < 2 -> d_step { r[c + 1].down = r[c + 1].v }  /* written downwards, and lost */
#endif
#if STICKS > 0
     :: c == 0 && !upwards.there -> d_step { printf("0 writes the stick for 1\n"); compose(0, r[0].up, upwards) }
     :: c == 1 && upwards.there -> d_step { printf("1 reads the stick\n"); rise(0, 1, upwards) }
#endif
#if STICKS > 1
     :: c == 1 && !downwards.there -> d_step { printf("1 writes the stick for 0\n"); compose(1, r[1].down, downwards) }
     :: c == 0 && downwards.there -> d_step { printf("0 reads the stick\n"); fall(0, 1, downwards) }
#endif
     :: r[c].deletes && r[c].values && CONFIRMED(c) -> d_step { printf("%d releases the content\n", c); release(c) }
     :: c == 1 -> d_step { retired = !retired; printf("0 is %d: 1 retired, 0 waited for\n", retired) }
#if RS > 0
     :: c == 0 && !copied[0] -> d_step { printf("a copy of 0\n"); put(copy[0], r[0]); copied[0] = 1 }
     :: c == 0 && copied[0] && rs > 0 -> d_step { rs--; printf("0 is put back to its copy\n"); held0 = r[0].v; put(r[0], copy[0]) }
#endif
#if RH > 0
     :: c == 1 && !copied[1] -> d_step { printf("a copy of 1\n"); put(copy[1], r[1]); copied[1] = 1 }
     :: c == 1 && copied[1] && rh > 0 -> d_step { rh--; printf("1 is put back to its copy\n"); held1 = r[1].v; put(r[1], copy[1]) }
#endif
     :: calm = 1; printf("calm\n")
     fi;
     skip;
     d_step { tell(0); tell(1); tell(2); clean(wire); c = 0; check() }
     }
  od;
  skip;
  d_step {
    n = 0;
    do
    :: n < ROUNDS -> pair(0, 1); pair(1, 2); pair(0, 1); n++
    :: else -> break
    od;
    assert(r[0].v == r[1].v && r[1].v == r[2].v);                       /* no refusal lasts */
    clean(wire); n = 0; check()
  }
}
