/*
 * Revocation: numbered lists, certificates and their serials, succession, a hub that is set back (07).
 *
 * MODELLED. A hub (0) and a neighbour (1, the hub above) that holds what the hub does: the record `revocation`
 * and the record of a place X, each with the merge of records. X had a machine with keys 1 (certificate of serial 1),
 * which is stolen. The operator replaces it once: a list revokes what was certified before, and what of the
 * same span of serials may have been and is forgotten; keys 2 get the next serial after those (Keyring.admit,
 * certify; Revoking.revoke). A span is 4 here. The operator revokes something else once (of a place Z).
 * Both replicas keep what they have seen of lists (Revoking.keep, heard). Old states of the hub's `public`
 * lie on a stick and are read late. Somebody who has the hub's database writes an older list over the record,
 * once. The hub is put back to a backup, and gets its own lost writes from the neighbour. Machine 2 shows its
 * certificate when it is not known (Keyring.certified). With ROTATION whoever has the keys that are believed
 * signs new ones (Succession) and shows them: the thief has keys 3 then.
 *
 * LEFT OUT. Seals, signatures (what is signed rightly is; nothing else is looked at), proofs, invitations
 * that expire, hubs above. The neighbour is never set back.
 *
 * PROPERTIES
 *   P17  what a replica has seen revoked it never believes again, unless its own database was set back
 * and when the world falls calm (the neighbour's state and machine 2 come to the hub, in either order):
 *   P17  of a replaced machine's keys none is believed, and machine 2 is (P16)
 *
 * SWITCHES. RH restores of the hub. Mistakes: LAST_HEARD, NUMBER_WINS, NO_KEEPSAKE, SHOWN_IS_BELIEVED, NO_SPAN.
 */
#ifndef RH
#define RH 1
#endif
#define HUB 0
#define LISTS 5
#define CERTS 5
#define BIT(i) (1 << (i))
#ifdef NO_SPAN
#define LAST_OF(serial) (serial)
#else
#define LAST_OF(serial) ((serial) | 3)
#endif
#define THEIRS(a, seenA, b, seenB) ((a & b) | (a & ~seenB) | (b & ~seenA))

typedef Replica {
  unsigned lists : LISTS;   /* that the record shows, and of which it knows */
  unsigned listsSeen : LISTS;
  unsigned certs : CERTS;
  unsigned certsSeen : CERTS;
  unsigned number : 3;      /* kept: the highest number, and up to which serials X and Z are revoked */
  unsigned x : 4;
  unsigned z : 1;
  unsigned issued : 4       /* the highest serial that was given out here for X */
}
typedef List { unsigned number : 3; unsigned x : 4; unsigned z : 1 }
typedef Cert { unsigned serial : 4; unsigned keys : 2 }

Replica r[2];
Replica backup, stick;
bit there;                  /* something is on the stick */
List made[LISTS];
Cert given[CERTS];
unsigned listCount : 3; unsigned certCount : 3;
unsigned certOf2 : 3;       /* what machine 2 has to show; 0: it has not joined */
bit replaced, revokedZ, older, rotated, tie, calm;
unsigned rh : 2 = RH;
/* For the properties: the highest that a replica has seen revoked. */
unsigned seenX0 : 4; unsigned seenZ0 : 1; unsigned seenX1 : 4; unsigned seenZ1 : 1;

byte i, best, top; bit shown;  /* scratch */

/* The certificate that counts, in `best`: the highest serial; of two the greater bytes (`tie`). */
inline find(c) {
  best = CERTS; i = 0;
  do
  :: i < CERTS ->
     if
     :: (r[c].certs & BIT(i)) && best == CERTS -> best = i
     :: (r[c].certs & BIT(i)) && best < CERTS ->
        if
        :: given[i].serial > given[best].serial || (given[i].serial == given[best].serial && tie) -> best = i
        :: else
        fi
     :: else
     fi; i++
  :: else -> break
  od; i = 0
}

/* Keeps what a list says. */
inline keep(c, n) {
#ifdef LAST_HEARD
  r[c].number = made[n].number; r[c].x = made[n].x; r[c].z = made[n].z;
#else
#ifdef NUMBER_WINS
  if
  :: made[n].number > r[c].number ->
     r[c].number = made[n].number; r[c].x = made[n].x; r[c].z = made[n].z
  :: else
  fi;
#else
  r[c].number = (made[n].number > r[c].number -> made[n].number : r[c].number);
  r[c].x = (made[n].x > r[c].x -> made[n].x : r[c].x);
  r[c].z = r[c].z | made[n].z;
#endif
#endif
  if
  :: c == HUB -> seenX0 = (made[n].x > seenX0 -> made[n].x : seenX0); seenZ0 = seenZ0 | made[n].z
  :: else -> seenX1 = (made[n].x > seenX1 -> made[n].x : seenX1); seenZ1 = seenZ1 | made[n].z
  fi
}

/* Looks at the lists of the record after something was merged. */
inline heard(c) {
#ifdef NO_KEEPSAKE
  r[c].number = 0; r[c].x = 0; r[c].z = 0;
#endif
  top = 0;
  do
  :: top < LISTS -> if :: r[c].lists & BIT(top) -> keep(c, top) :: else fi; top++
  :: else -> break
  od; top = 0
}

inline merge(c, from) {
#ifdef LAST_HEARD           /* the record too: what comes last stands */
  r[c].lists = from.lists;
#else
  r[c].lists = THEIRS(r[c].lists, r[c].listsSeen, from.lists, from.listsSeen);
#endif
  r[c].listsSeen = r[c].listsSeen | from.listsSeen;
  r[c].certs = THEIRS(r[c].certs, r[c].certsSeen, from.certs, from.certsSeen);
  r[c].certsSeen = r[c].certsSeen | from.certsSeen;
  heard(c)
}

/* Writes a list over those that the record shows, and keeps it. */
inline issue(toX, toZ) {
  made[listCount].number = r[HUB].number + 1;
  made[listCount].x = toX; made[listCount].z = toZ;
  r[HUB].lists = BIT(listCount); r[HUB].listsSeen = r[HUB].listsSeen | BIT(listCount);
  keep(HUB, listCount);
  listCount++
}

inline certify(k) {
  find(HUB);
  top = (best < CERTS -> given[best].serial : 0);
  top = (r[HUB].x > top -> r[HUB].x : top);
  top = (r[HUB].issued > top -> r[HUB].issued : top);
  given[certCount].serial = top + 1; given[certCount].keys = k;
  r[HUB].issued = top + 1;
  r[HUB].certs = BIT(certCount); r[HUB].certsSeen = r[HUB].certsSeen | BIT(certCount);
  if :: k == 2 -> certOf2 = certCount :: else fi;
  certCount++; top = 0; best = 0
}

#define BELIEVED(k) (best < CERTS && given[best].keys == k && given[best].serial > r[HUB].x)

#ifdef ROTATION             /* what nobody had heard of when the hub was set back is lost */
#define MATTERS (replaced && seenX1 > 0)
#else
#define MATTERS replaced
#endif

/* Machine 2 shows its certificate where its keys are not known. */
inline show2() {
  find(HUB);
#ifdef SHOWN_IS_BELIEVED
  shown = certOf2 != 0 && !BELIEVED(2);
#else
  shown = certOf2 != 0 && !BELIEVED(2) && given[certOf2].serial > r[HUB].x &&
    given[certOf2].serial >= r[HUB].issued && (best == CERTS || given[certOf2].serial > given[best].serial);
#endif
  if :: shown && certCount < CERTS -> certify(2) :: else fi;
  shown = 0; best = 0
}

/* The thief shows the certificate of serial 1 where keys 1 are not known. */
inline show1() {
  find(HUB);
#ifdef SHOWN_IS_BELIEVED
  shown = !BELIEVED(1);
#else
  shown = !BELIEVED(1) && 1 > r[HUB].x && 1 >= r[HUB].issued && best == CERTS;
#endif
  if :: shown && certCount < CERTS -> certify(1) :: else fi;
  shown = 0; best = 0
}

inline put(to, from) {
  to.lists = from.lists; to.listsSeen = from.listsSeen; to.certs = from.certs;
  to.certsSeen = from.certsSeen; to.number = from.number; to.x = from.x; to.z = from.z;
  to.issued = from.issued
}

init {
  bit first;
  d_step {
    given[0].serial = 1; given[0].keys = 1; certCount = 1; r[HUB].certs = 1; r[HUB].certsSeen = 1;
    r[HUB].issued = 1;
    put(backup, r[HUB]); put(r[1], r[HUB]); r[1].issued = 0
  }
  if :: tie = 0 :: tie = 1 fi;
  do
  :: calm -> break
  :: else -> atomic {
     if
     :: d_step { printf("a bundle from the hub to the neighbour\n"); merge(1, r[HUB]) }
     :: d_step { printf("a bundle from the neighbour to the hub\n"); merge(HUB, r[1]) }
     :: !there -> d_step { there = 1; put(stick, r[HUB]); printf("the hub writes a stick\n") }
     :: there -> d_step { printf("the neighbour reads the stick\n"); merge(1, stick) }
     :: !replaced && certCount < CERTS && listCount < LISTS -> d_step {
          replaced = 1; find(HUB);
          printf("X is replaced: serial %d is revoked, keys 2 join\n", given[best].serial);
          top = (LAST_OF(given[best].serial) > r[HUB].x -> LAST_OF(given[best].serial) : r[HUB].x);
          issue(top, r[HUB].z); certify(2) }
     :: !revokedZ && listCount < LISTS -> d_step { revokedZ = 1; printf("Z is revoked\n"); issue(r[HUB].x, 1) }
     :: !older && listCount < LISTS && r[HUB].number > 1 -> d_step {
          older = 1; printf("an older list is written over the record\n");
          made[listCount].number = r[HUB].number - 1;
          r[HUB].lists = BIT(listCount); r[HUB].listsSeen = r[HUB].listsSeen | BIT(listCount); listCount++;
          heard(HUB) }
     :: rh > 0 -> d_step { put(backup, r[HUB]); printf("a backup of the hub\n") }
     :: rh > 0 -> d_step { rh--; put(r[HUB], backup); seenX0 = r[HUB].x; seenZ0 = r[HUB].z;
          printf("the hub is put back\n") }
     :: d_step { printf("machine 2 shows its certificate\n"); show2() }
     :: replaced -> d_step { printf("the thief shows the certificate of keys 1\n"); show1() }
#ifdef ROTATION
     :: d_step { find(HUB); shown = BELIEVED(1); best = 0 } ->
        if
        :: shown && !rotated && certCount < CERTS -> d_step {
             rotated = 1; printf("the thief shows keys 3, signed by keys 1\n"); certify(3) }
        :: else
        fi;
        shown = 0
#endif
     :: calm = 1; printf("calm\n")
     fi;
     skip;
     d_step {
       printf("  hub: lists %x, certificates %x, revoked up to %d, number %d; neighbour: lists %x, up to %d\n",
         r[HUB].lists, r[HUB].certs, r[HUB].x, r[HUB].number, r[1].lists, r[1].x);
       best = 0; i = 0; top = 0;
       assert(r[HUB].x >= seenX0 && r[HUB].z >= seenZ0);            /* P17 */
       assert(r[1].x >= seenX1 && r[1].z >= seenZ1)
     }
     }
  od;
  if :: first = 0 :: first = 1 fi;
  d_step {
    if :: first -> show2() :: else fi;
    merge(HUB, r[1]);
    show2();
    find(HUB);
    printf("keys %d of serial %d count, revoked up to %d\n", given[best].keys, given[best].serial, r[HUB].x);
    assert(!MATTERS || (!BELIEVED(1) && !BELIEVED(3)));             /* P17 */
    assert(!MATTERS || BELIEVED(2))                                 /* P16 */
  }
}
