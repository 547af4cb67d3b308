/*
 * Session: what two neighbours tell each other, remember and believe (05, The session).
 *
 * MODELLED, as Session.swift has it: compose and hear with the memories `received`, `safe`, `acknowledged`,
 * `acknowledged_safe`, the standing, and belief, which is a digest over all shared partitions (P of them);
 * and what PeerSession.swift and Store+Compose.swift add: a receipt beside a delta is left out, a base is
 * cut to what is known. The hub (replica 0) above a station's machine (1) and a clone of it (2).
 * W writes at any of the three; a vector is the set of the writes that it stands for. Bundles go over the
 * link or are lost, and one lies on a stick in each direction from when it was written, and is read at any
 * time and any number of times. The hub makes verified backups and is put back to the last, by `restore`
 * (which mistrusts everybody) or by copying the file (which does not); a machine likewise to a copy of any
 * moment.
 *
 * LEFT OUT. Content: a vector here is always right (dots.pml shows why). Torn deltas, refusals, moves, keys.
 * The digest of belief has 32 bits and is compared as what it is made of, so an accident of one in four
 * thousand million is not seen.
 *
 * PROPERTIES. At any moment the world may fall calm: then bundles go to and fro and none is lost.
 *   P8, P13  from every state that can be reached, ROUNDS bundles each way make the vectors equal
 *   P13      after one more neither side has anything to say (not looked at where there are two machines)
 * With STICKS the hub writes only if it has something to say, and a station does anyway (its daily word).
 *
 * SWITCHES. W, P, RS, RH, CL, ROUNDS, NO_STICK. Mistakes: MEMORY_JOINED, BASE_IS_LAST_SENT, NO_BELIEF,
 * TOLD_IS_HEARD (with NO_BELIEF), NO_ANSWER, NO_MEET.
 */
#ifndef W
#define W 3
#endif
#ifndef P
#define P 1
#endif
#ifndef RS
#define RS 1
#endif
#ifndef RH
#define RH 1
#endif
#ifndef CL
#define CL 0
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define HUB 0
#define BIT(i) (1 << (i))
#define IN(x, y) (((x) & ~(y)) == 0)
#define SETTLED 0
#define ANSWERING 1
#define MISUNDERSTOOD 2

typedef Part {              /* of one partition: what is held, and the memory of the peer */
  unsigned v : W;
  unsigned mine : W;        /* in a verified backup here */
  unsigned received : W;
  unsigned safe : W;
  unsigned ack : W;
  unsigned ackSafe : W
}
typedef Replica {
  Part p[P];
  unsigned standing : 2
}
typedef Word {              /* of one partition */
  bit delta;
  unsigned base : W;
  unsigned target : W;
  bit receipt;
  unsigned received : W;
  unsigned safe : W;
  unsigned believed : W;
  unsigned believedSafe : W
}
typedef Bundle {
  bit there;
  Word p[P]
}

Replica r[3];
bit cloned;
Replica backup;
#if RS > 0
Replica copy;
bit copied;
#endif
Bundle up, down;
Bundle wire;
byte epochOf[W];            /* of each write */
byte epoch[3];              /* open at each replica; 0: none */
byte epochs;
unsigned written : 3;
unsigned rs : 2 = RS; unsigned rh : 2 = RH; unsigned cl : 1 = CL;
bit calm;

byte i, j, k, q, known; bit isTold, isHere, isLast, loud;  /* scratch */

inline write_(c) {
  if :: epoch[c] == 0 -> epochs++; epoch[c] = epochs :: else fi;
  epochOf[written] = epoch[c];
  r[c].p[q].v = r[c].p[q].v | BIT(written);
  written++
}

/* The writes of all epochs of which something is in `have`, in `known`. */
inline epochsOf(have) {
  known = 0; i = 0;
  do
  :: i < W ->
     if
     :: (have) & BIT(i) ->
        j = 0;
        do
        :: j < W -> if :: epochOf[j] == epochOf[i] -> known = known | BIT(j) :: else fi; j++
        :: else -> break
        od
     :: else
     fi; i++
  :: else -> break
  od; i = 0; j = 0
}

/* Compose: `loud` tells whether there is anything to say. */
inline compose(c, b) {
  b.there = 1; loud = (r[c].standing == ANSWERING); q = 0;
  do
  :: q < P ->
     b.p[q].base = r[c].p[q].received & r[c].p[q].v;
     b.p[q].delta = !IN(r[c].p[q].v, b.p[q].base);
     b.p[q].target = (b.p[q].delta -> r[c].p[q].v : 0);
     b.p[q].base = (b.p[q].delta -> b.p[q].base : 0);
     b.p[q].receipt = (r[c].p[q].v != r[c].p[q].ack || r[c].p[q].mine != r[c].p[q].ackSafe ||
       r[c].standing == MISUNDERSTOOD);
     if
     :: b.p[q].delta && r[c].p[q].mine == r[c].p[q].ackSafe -> b.p[q].receipt = 0
     :: else
     fi;
#ifdef TOLD_IS_HEARD
     r[c].p[q].ack = r[c].p[q].v; r[c].p[q].ackSafe = r[c].p[q].mine;
#endif
     b.p[q].received = (b.p[q].receipt -> r[c].p[q].v : 0);
     b.p[q].safe = (b.p[q].receipt -> r[c].p[q].mine : 0);
     b.p[q].believed = r[c].p[q].received;
     b.p[q].believedSafe = (r[c].p[q].received == 0 -> 0 : r[c].p[q].safe);
     loud = loud || b.p[q].delta || b.p[q].receipt;
#ifdef BASE_IS_LAST_SENT
     if :: b.p[q].delta -> r[c].p[q].received = r[c].p[q].v :: else fi;
#endif
     q++
  :: else -> break
  od; q = 0;
  if :: r[c].standing == ANSWERING -> r[c].standing = SETTLED :: else fi
}

/* Remembers what the peer has told to hold; `births` came with it. */
inline remember(m, told, births) {
#ifdef MEMORY_JOINED
  m.received = m.received | (told)
#else
  epochsOf(m.v | (births));
  if
#ifndef NO_MEET
  :: IN(told, known) && IN(m.received, known) && !IN(told, m.received) && !IN(m.received, told) ->
     m.received = m.received & (told)       /* diverged: what both have in common */
#else
  :: false
#endif
  :: else -> m.received = told
  fi;
  known = 0
#endif
}

#define SAYS(x, vector, inBackup) \
  (x.believed == (vector) && x.believedSafe == ((vector) == 0 -> 0 : (inBackup)))

inline hear(c, b) {
  isTold = 0; q = 0;                        /* any receipt in it? */
  do
  :: q < P ->
     if
     :: b.p[q].delta ->
        remember(r[c].p[q], b.p[q].target, b.p[q].target & ~b.p[q].base);
        r[c].p[q].ack = b.p[q].base
     :: else
     fi;
     q++
  :: else -> break
  od;
  q = 0;
  do
  :: q < P ->
     if
     :: b.p[q].receipt ->
        remember(r[c].p[q], b.p[q].received, 0);
        r[c].p[q].safe = b.p[q].safe; isTold = 1
     :: else
     fi;
     q++
  :: else -> break
  od;
  /* Understand: the first of three that is what the peer believes, in all partitions. */
  isHere = 1; isLast = 1; k = 1; q = 0;
  do
  :: q < P ->
     if :: SAYS(b.p[q], r[c].p[q].v, r[c].p[q].mine) :: else -> isHere = 0 fi;
     if
     :: b.p[q].receipt -> if :: SAYS(b.p[q], b.p[q].received, r[c].p[q].ackSafe) :: else -> k = 0 fi
     :: else -> if :: SAYS(b.p[q], r[c].p[q].ack, r[c].p[q].ackSafe) :: else -> k = 0 fi
     fi;
     if :: SAYS(b.p[q], r[c].p[q].ack, r[c].p[q].ackSafe) :: else -> isLast = 0 fi;
     q++
  :: else -> break
  od;
  q = 0;
#ifdef NO_BELIEF
  isHere = 0; k = 0; isLast = 1;            /* it is taken to believe what it was told */
#endif
  do
  :: q < P ->
     if
     :: isHere -> r[c].p[q].ack = r[c].p[q].v; r[c].p[q].ackSafe = r[c].p[q].mine
     :: !isHere && k && b.p[q].receipt -> r[c].p[q].ack = b.p[q].received
     :: !isHere && !k && !isLast -> r[c].p[q].ackSafe = 0
     :: else
     fi;
     q++
  :: else -> break
  od;
  q = 0;
  r[c].standing = (isHere || k || isLast -> (isTold -> ANSWERING : SETTLED) : MISUNDERSTOOD);
#ifdef NO_ANSWER
  if :: r[c].standing == ANSWERING -> r[c].standing = SETTLED :: else fi;
#endif
  /* Merge: a base beyond what is held is a gap. */
  do
  :: q < P ->
     if
     :: b.p[q].delta && IN(b.p[q].base, r[c].p[q].v) -> r[c].p[q].v = r[c].p[q].v | b.p[q].target
     :: else
     fi;
     q++
  :: else -> break
  od;
  q = 0; k = 0; isTold = 0; isHere = 0; isLast = 0
}

inline clean(b) {
  b.there = 0; i = 0;
  do
  :: i < P ->
     b.p[i].delta = 0; b.p[i].base = 0; b.p[i].target = 0; b.p[i].receipt = 0; b.p[i].received = 0;
     b.p[i].safe = 0; b.p[i].believed = 0; b.p[i].believedSafe = 0; i++
  :: else -> break
  od; i = 0
}

inline put(to, from) {
  to.standing = from.standing; i = 0;
  do
  :: i < P ->
     to.p[i].v = from.p[i].v; to.p[i].mine = from.p[i].mine; to.p[i].received = from.p[i].received;
     to.p[i].safe = from.p[i].safe; to.p[i].ack = from.p[i].ack; to.p[i].ackSafe = from.p[i].ackSafe; i++
  :: else -> break
  od; i = 0
}

inline round(c) {           /* one bundle each way, and none is lost */
  compose(c, wire); hear(HUB, wire);
  compose(HUB, wire);
#ifdef STICKS
  if :: loud -> hear(c, wire) :: else fi
#else
  hear(c, wire)
#endif
}

inline safeIs(c) {          /* what is in the backup is safe */
  i = 0;
  do :: i < P -> r[c].p[i].mine = r[c].p[i].v; i++ :: else -> break od; i = 0
}

init {
  byte c, n;
  do
  :: calm -> break
  :: else -> atomic {
     if :: c = 1 :: cloned -> c = 2 fi;
     if
     :: written < W -> if :: q = 0 :: P > 1 -> q = 1 fi;
        if :: true -> printf("machine %d writes %d\n", c, written); write_(c)
        :: true -> printf("the hub writes %d\n", written); write_(HUB)
        fi; q = 0
     :: d_step { printf("a bundle from machine %d to the hub\n", c); compose(c, wire); hear(HUB, wire) }
     :: d_step { printf("a bundle from the hub to machine %d\n", c); compose(HUB, wire); hear(c, wire) }
     :: d_step { printf("a bundle of machine %d is lost\n", c); compose(c, wire) }         /* lost */
     :: d_step { printf("a bundle of the hub is lost\n"); compose(HUB, wire) }
#ifndef NO_STICK
     :: !up.there -> d_step { printf("machine %d writes the stick upwards\n", c); compose(c, up) }
     :: !down.there -> d_step { printf("the hub writes the stick downwards\n"); compose(HUB, down) }
     :: up.there -> d_step { printf("the hub reads the stick\n"); hear(HUB, up) }
     :: down.there -> d_step { printf("machine %d reads the stick\n", c); hear(c, down) }
#endif
#if RH > 0
     :: rh > 0 -> d_step { printf("a verified backup of the hub\n"); put(backup, r[HUB]); safeIs(HUB) }
     :: rh > 0 -> rh--;
        if
        :: d_step { printf("the backup's file is copied back to the hub\n"); put(r[HUB], backup) }   /* the file was copied */
        :: d_step { printf("the hub is restored\n"); put(r[HUB], backup); safeIs(HUB); r[HUB].standing = MISUNDERSTOOD }
        fi;
        epoch[HUB] = 0
#endif
#if RS > 0
     :: !copied -> d_step { printf("a copy of machine %d\n", c); put(copy, r[c]); copied = 1 }
     :: copied && rs > 0 -> d_step { rs--; printf("machine %d is put back to the copy\n", c);
          put(r[c], copy); epoch[c] = 0; put(copy, r[0]);
          i = 0;
          do
          :: i < P -> copy.p[i].v = 0; copy.p[i].mine = 0; copy.p[i].received = 0; copy.p[i].safe = 0;
             copy.p[i].ack = 0; copy.p[i].ackSafe = 0; i++
          :: else -> break
          od; i = 0; copy.standing = 0 }
#endif
     :: cl > 0 -> d_step { cl--; cloned = 1; printf("machine 2 is a clone of 1\n");  put(r[2], r[1]); epoch[1] = 0; epoch[2] = 0 }
     :: calm = 1; printf("calm\n")
     fi;
     skip;
     d_step {
       i = 0;
       do
       :: i < 3 -> printf("  %d: vector %x; the other received %x, safe %x; knows %x, safe %x; standing %d\n",
            i, r[i].p[0].v, r[i].p[0].received, r[i].p[0].safe, r[i].p[0].ack, r[i].p[0].ackSafe, r[i].standing);
          i++
       :: else -> break
       od;
       i = 0; clean(wire); loud = 0; c = 0 }
     }
  od;
  skip;
  d_step {
    n = 0;
    do
    :: n < ROUNDS ->
       round(1);
       if :: cloned -> round(2) :: else fi;
       n++
    :: else -> break
    od;
    i = 0;
    do
    :: i < P ->
       assert(r[1].p[i].v == r[HUB].p[i].v);                            /* P8 */
       assert(!cloned || r[2].p[i].v == r[HUB].p[i].v);
       i++
    :: else -> break
    od; i = 0;
    if
    :: !cloned ->
       round(1);
       compose(1, wire); assert(!loud);                                 /* P13 */
       compose(HUB, wire); assert(!loud)
    :: else
    fi
  }
}
