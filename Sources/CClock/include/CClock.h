#ifndef YIZHAN_CCLOCK_H
#define YIZHAN_CCLOCK_H

/// Whether the system keeps the machine's clock right, from the network or a receiver
/// (adjtimex(2)).
int yz_clock_is_kept(void);

#endif
