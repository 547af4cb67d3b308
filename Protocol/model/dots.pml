/*
 * Dots: epochs, vectors, receipts, restores, clones, sticks. One partition of events (01, 05).
 *
 * MODELLED. The hub (replica 0), a station's machine (1) and a clone of its card (2), which bears the same
 * name. W writes, made at the machines. A write has the dot that the replica gave it; an epoch begins with
 * the first write after an opening. A vector is the set of the dots that it stands for (its expansion);
 * what is held is a set of writes, kept apart from the vector, so that a vector can be wrong. Bundles go
 * over a link, which breaks anywhere and loses answers, and lie on a stick in each direction, written at
 * any time and read at any time after that, any number of times, by whoever bears the name. A base is
 * whatever the writer believes: any beginning of what it holds itself. The hub makes verified backups
 * and is restored from the last. A machine's database is copied at any time and put back later, or the
 * card is copied for a second machine; any machine crashes. With LEASE machines are closed and opened too,
 * and a note lets the next opening go on with an epoch (Lease.swift).
 *
 * LEFT OUT. Bytes, keys, clocks. What a chain value hashes is compared as the set of the writes that it
 * stands for. Belief and standing: session.pml. Records: release.pml; for vectors they differ from
 * events by being merged whole or not at all, which is the case "whole" here. The code never forgets an
 * event; the model lets a machine do so as soon as P7 allows it, and never sends past such a floor.
 *
 * PROPERTIES, looked at after every step:
 *   P4  no two writes have one dot
 *   P7  a write is held by somebody, unless a machine was set back to before it, and the hub too or it had
 *       never received it
 *   P8, P9  every dot in a replica's vector is a write that is held there (or, at a machine, was safe), so
 *       nothing is claimed, receipted or passed over that is not there: what is missing is asked for
 *   P2  what is held has its dot in the vector, so equal vectors mean equal content
 *   P5, P6  with COPIED_AWAKE instead of these: two replicas that exchanged and have equal vectors over
 *       unequal content have raised the alarm
 *
 * SWITCHES. Sizes: W writes, RS restores of a machine, RH of the hub, CL clones, CR crashes.
 * Mistakes: EPOCH_KEPT, VECTOR_FIRST, CHILDREN_FIRST, GAP_TAKEN, BIRTH_TOLD, ACK_UNSTORED,
 * DROP_AT_RECEIVED, SAFE_IS_HELD; with LEASE: LEASE_BLIND, LEASE_KEPT, LEASE_ON_CARD; with COPIED_AWAKE:
 * NO_CHAINS.
 * Limits: BOTH_LOST looks for a write lost at hub and machine; OLDER_BACKUP restores the hub from the
 * backup before the last; AWAKE_LIMIT looks for P4 where a running machine is copied with its memory.
 */
#ifndef W
#define W 3
#endif
#ifndef RS
#define RS 1
#endif
#ifndef RH
#define RH 1
#endif
#ifndef CL
#define CL 1
#endif
#ifndef CR
#define CR 1
#endif
#define HUB 0
#define NONE 31                     /* no open epoch, no dot */
#define BIT(i) (1 << (i))
#define SLOT(e, s) ((e) * W + (s))  /* a dot; epochs and sequences count from 0 here */
#if W == 2
#define SLOTS 4
#elif W == 3
#define SLOTS 9
#else
#define SLOTS 16
#endif
#define ALL_SLOTS (BIT(SLOTS) - 1)

#define SEEN(c, s) (r[c].v & BIT(SLOT(at[c].noteEpoch, s)))
#ifdef LEASE_BLIND
#define RESUMES(c) at[c].noteNext > 0
#else                       /* only if the database stands exactly where the note says */
#define RESUMES(c) at[c].noteNext > 0 && SEEN(c, at[c].noteNext - 1) && \
  (at[c].noteNext == W || !SEEN(c, at[c].noteNext))
#endif

typedef Replica {
  unsigned v : SLOTS;       /* vector: the dots that it stands for */
  unsigned has : W;         /* writes whose content is held */
  unsigned gone : W         /* writes that were safe and given up */
}
typedef Bundle {
  bit there;
  unsigned base : SLOTS;
  unsigned target : SLOTS;  /* also what the writer says to have received */
  unsigned content : W;
  unsigned past : W;        /* what the chain values at the target stand for */
  unsigned safe : SLOTS
}
typedef Opening {           /* what lies in a machine's memory, not on its disk */
  unsigned epoch : 5;
  unsigned next : 3
#ifdef LEASE
  ; bit shut;
  unsigned noteEpoch : 5;
  unsigned noteNext : 3     /* 0: there is no note */
#endif
}

Replica r[3];
Opening at[3];
bit cloned;
#if RS > 0
Replica copy;               /* of a machine's database */
bit copied;
unsigned copyEpoch : 5; unsigned copyNext : 3;
#endif
Replica backup;             /* of the hub's database, verified */
#ifdef OLDER_BACKUP
Replica before;
#endif
Bundle up, down;            /* on two sticks, from when they were written */
Bundle wire;                /* on the link: taken at once, or never */
byte dot[W] = NONE;         /* of each write */
unsigned written : 3; unsigned epochs : 3;
#ifdef CHILDREN_FIRST
short born[W];              /* what each epoch's birth stands for */
#endif
unsigned received : W; unsigned lostHub : W; unsigned lostMachine : W;
bit alarmed;
unsigned rs : 2 = RS; unsigned rh : 2 = RH; unsigned cl : 1 = CL; unsigned cr : 2 = CR;

byte i, j, set; short dots, whole;   /* scratch: zero between steps */

/* The dots of a set of writes, in `dots`. */
inline dotsOf(writes) {
  dots = 0; i = 0;
  do
  :: i < W -> if :: (writes) & BIT(i) -> dots = dots | BIT(dot[i]) :: else fi; i++
  :: else -> break
  od; i = 0
}

/* The writes among `writes` whose dots are in `within`, in `set`. */
inline writesOf(writes, within) {
  set = 0; i = 0;
  do
  :: i < W ->
     if :: ((writes) & BIT(i)) && ((within) & BIT(dot[i])) -> set = set | BIT(i) :: else fi; i++
  :: else -> break
  od; i = 0
}

inline endEpoch(c) {
#ifndef EPOCH_KEPT
  at[c].epoch = NONE; at[c].next = 0
#else
  skip
#endif
}

inline write_(c) {
  if
  :: at[c].epoch == NONE ->
     at[c].epoch = epochs; at[c].next = 0; epochs++;
#ifdef BIRTH_TOLD
     r[c].v = r[c].v | r[HUB].v;      /* parents: what the hub said to hold too */
#endif
#ifdef CHILDREN_FIRST
     born[at[c].epoch] = r[c].v
#endif
  :: else
  fi;
  dot[written] = SLOT(at[c].epoch, at[c].next);
  at[c].next = at[c].next + 1;
  r[c].v = r[c].v | BIT(dot[written]);
  r[c].has = r[c].has | BIT(written);
  written++
}

/* A bundle of c's, for whom it believes to hold the slots below `from`. */
inline compose(c, b, from) {
  dotsOf(r[c].gone);                  /* a floor: nothing before it can be sent */
  b.there = 1;
  b.base = (r[c].v & (BIT(from) - 1)) | dots;
  b.target = r[c].v;
#ifdef COPIED_AWAKE
  b.past = r[c].has | r[c].gone;
#endif
  writesOf(r[c].has, b.target & ~b.base);
  b.content = set;
#ifdef SAFE_IS_HELD
  b.safe = (c == HUB -> r[c].v : 0)
#else
#ifdef DROP_AT_RECEIVED
  b.safe = (c == HUB -> r[c].v : 0)
#else
  b.safe = (c == HUB -> backup.v : 0)
#endif
#endif
}

/* Takes the delta of b as far as `cut`: the slots below it are whole. */
inline take(c, b, cut) {
#ifdef GAP_TAKEN
  if
  :: true ->
#else
  if
  :: (b.base & ~r[c].v) == 0 ->
#endif
     whole = BIT(cut) - 1;
#ifdef CHILDREN_FIRST
     whole = (cut == SLOTS -> whole : ALL_SLOTS & ~whole);
#endif
     writesOf(b.content, whole & ~r[c].v);  /* what is held already is passed over */
#ifdef COPIED_AWAKE
#ifndef NO_CHAINS
     /* Fork: a dot of the sender's past is another write here. Nothing of it is merged. */
     j = 0;
     do
     :: j < W ->
        if
        :: (b.past & BIT(j)) && (r[c].v & BIT(dot[j])) && !((r[c].has | r[c].gone) & BIT(j)) ->
           alarmed = 1; set = 0; whole = 0; endEpoch(c)
        :: else
        fi; j++
     :: else -> break
     od; j = 0;
#endif
#endif
     r[c].has = r[c].has | set;
#ifdef CHILDREN_FIRST
     dotsOf(set);
     whole = dots;
     i = 0;
     do
     :: i < W -> if :: dots & (BIT(W) - 1) << (i * W) -> whole = whole | born[i] :: else fi; i++
     :: else -> break
     od; i = 0;
     r[c].v = r[c].v | whole;
#else
#ifdef VECTOR_FIRST
     r[c].v = r[c].v | b.target;
#else
     r[c].v = r[c].v | (b.target & whole);
#endif
#endif
     /* Others know more of the own epoch than was written here: it is not gone on with. */
     if
     :: c != HUB && at[c].epoch < W && at[c].next < W && (r[c].v & BIT(SLOT(at[c].epoch, at[c].next))) ->
        endEpoch(c)
     :: else
     fi;
     if :: c == HUB -> received = received | r[HUB].has :: else fi
  :: else                                   /* gap: the next bundle says what is held */
  fi
}

/* The machine gives up what the hub called safe. */
inline giveUp(c, b) {
  writesOf(r[c].has, b.safe);
  r[c].has = r[c].has & ~set; r[c].gone = r[c].gone | set
}

inline holds_(c) {
  dotsOf(r[c].has | r[c].gone);
  assert(dots == r[c].v)                    /* P2, P8, P9 */
}

inline check() {
#ifndef COPIED_AWAKE
  holds_(HUB); holds_(1);
  if :: cloned -> holds_(2) :: else fi;
#endif
#if !defined(COPIED_AWAKE) || defined(AWAKE_LIMIT)
  i = 0;
  do
  :: i < written ->
     j = 0;
     do :: j < i -> assert(dot[i] != dot[j]) /* P4 */; j++ :: else -> break od; i++
  :: else -> break
  od;
#endif
  set = r[HUB].has | r[1].has | r[2].has;
#ifdef BOTH_LOST
  assert((received & ~set) == 0);           /* P7, without the limit */
#else
  assert(((BIT(written) - 1) & ~set & ~(lostMachine & (lostHub | ~received))) == 0); /* P7 */
#endif
  i = 0; j = 0; dots = 0; set = 0; whole = 0;
  wire.there = 0; wire.base = 0; wire.target = 0; wire.content = 0; wire.past = 0; wire.safe = 0
}

inline put(to, from) { to.v = from.v; to.has = from.has; to.gone = from.gone }

/* P5, P6: after an exchange in which both spoke. */
inline compare(c) {
#ifdef COPIED_AWAKE
  assert(alarmed || r[c].v != r[HUB].v || (r[c].has | r[c].gone) == r[HUB].has)
#else
  skip
#endif
}

init {
  byte c, cut;
  at[1].epoch = NONE; at[2].epoch = NONE; at[0].epoch = NONE;
  do
  :: atomic {
     if :: c = 1 :: cloned -> c = 2 fi;
     if
#ifdef LEASE
     :: !at[c].shut && written < W -> d_step { printf("machine %d writes %d\n", c, written); write_(c) }
     :: !at[c].shut ->                      /* closed in order: the note is left */
        d_step { printf("machine %d is closed\n", c); at[c].shut = 1;
          at[c].noteEpoch = at[c].epoch; at[c].noteNext = at[c].next; endEpoch(c) }
     :: at[c].shut -> d_step {              /* opened: the note is taken away, and read */
          printf("machine %d is opened\n", c); at[c].shut = 0;
          if
          :: RESUMES(c) ->                  /* the database says what the next sequence is */
             at[c].epoch = at[c].noteEpoch;
             do :: at[c].next < W && SEEN(c, at[c].next) -> at[c].next = at[c].next + 1 :: else -> break od
          :: else -> endEpoch(c)
          fi;
#ifndef LEASE_KEPT
          at[c].noteEpoch = 0; at[c].noteNext = 0
#endif
        }
#else
     :: written < W -> d_step { printf("machine %d writes %d\n", c, written); write_(c) }
#endif
     :: cut = 0;                            /* upwards over the link, whole */
        do :: cut < SLOTS -> cut++ :: break od;
        skip;
        d_step { printf("machine %d to the hub, from slot %d on\n", c, cut); compose(c, wire, cut); take(HUB, wire, SLOTS) }
     :: cut = 1;                            /* the same, torn */
        do :: cut < SLOTS - 1 -> cut++ :: break od;
        skip;
        d_step { printf("machine %d to the hub, torn at slot %d\n", c, cut); compose(c, wire, 0); take(HUB, wire, cut)
#ifdef ACK_UNSTORED
          ; wire.safe = wire.target; giveUp(c, wire)
#endif
        }
     :: cut = 0;                            /* downwards, and back again */
        do :: cut < SLOTS -> cut++ :: break od;
        skip;
        d_step { printf("the hub to machine %d, from slot %d on\n", c, cut); compose(HUB, wire, cut); take(c, wire, SLOTS);
#ifdef COPIED_AWAKE
          compose(c, wire, SLOTS); take(HUB, wire, SLOTS);
#endif
          compare(c) }
#ifndef COPIED_AWAKE
     :: d_step { printf("machine %d gives up what is safe\n", c); compose(HUB, wire, SLOTS); giveUp(c, wire) }
     :: down.there -> d_step { printf("machine %d gives up what the stick calls safe\n", c); giveUp(c, down) }
#endif
     :: !up.there -> d_step { printf("machine %d writes the stick upwards\n", c); compose(c, up, 0) }
     :: !up.there && at[c].epoch != NONE -> d_step { printf("machine %d writes the stick upwards, its last write alone\n", c);
        compose(c, up, SLOT(at[c].epoch, at[c].next - 1)) }
     :: !down.there -> d_step { printf("the hub writes the stick downwards\n"); compose(HUB, down, 0) }
     :: up.there -> d_step { printf("the hub reads the stick\n"); take(HUB, up, SLOTS) }
     :: down.there -> d_step { printf("machine %d reads the stick\n", c); take(c, down, SLOTS) }
     :: d_step { printf("a verified backup of the hub\n");
#ifdef OLDER_BACKUP
          put(before, backup);
#endif
          put(backup, r[HUB]) }
     :: rh > 0 -> d_step { rh--; printf("the hub is restored\n");
#ifdef OLDER_BACKUP
          put(backup, before);
#endif
          lostHub = lostHub | (r[HUB].has & ~backup.has); put(r[HUB], backup) }
     :: cr > 0 && at[c].epoch != NONE -> d_step { cr--; printf("machine %d crashes\n", c); endEpoch(c) }  /* what was committed stays */
#if RS > 0
     :: !copied -> d_step { copied = 1; printf("a copy of machine %d\n", c); put(copy, r[c]); copyEpoch = at[c].epoch; copyNext = at[c].next }
     :: copied && rs > 0 -> d_step { rs--; printf("machine %d is put back to the copy\n", c);
          lostMachine = lostMachine | (r[c].has & ~copy.has); put(r[c], copy);
#ifdef EPOCH_KEPT
          at[c].epoch = copyEpoch; at[c].next = copyNext;
#else
          endEpoch(c);
#endif
#ifdef LEASE
          at[c].shut = 1;                   /* put back in place: the note is still there */
#endif
          put(copy, r[HUB]); copy.v = 0; copy.has = 0; copy.gone = 0; copyEpoch = 0; copyNext = 0 }
#endif
     :: cl > 0 -> d_step { cl--; cloned = 1; printf("machine 2 is a clone of 1\n");  put(r[2], r[1]);
#if defined(EPOCH_KEPT) || defined(COPIED_AWAKE)
          at[2].epoch = at[1].epoch; at[2].next = at[1].next
#endif
#ifdef LEASE
          ; at[2].shut = 1
#ifdef LEASE_ON_CARD
          ; at[2].noteEpoch = at[1].noteEpoch; at[2].noteNext = at[1].noteNext
#endif
#endif
        }
     fi;
     d_step {
       i = 0;
       do
       :: i < 3 -> printf("  %d: vector %x, holds %x, gave up %x\n", i, r[i].v, r[i].has, r[i].gone); i++
       :: else -> break
       od;
       i = 0; check(); c = 0; cut = 0 }
     }
  od
}
