/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/chain.h - the chain on an interface: attach, open, change slots, read counters.
 *
 * All state is the kernel's, under CHAIN_PIN_ROOT/<ifname>/ (xdpchain/chain.h). A chain that is
 * to be changed is opened with CHAIN_WRITE and then holds the one lock of all chains until it
 * is closed. Functions return 0 or -errno and say why in @f (lib/fail.h).
 */
#ifndef LIB_CHAIN_H
#define LIB_CHAIN_H

#include <net/if.h>

#include "lib/fail.h"
#include "xdpchain/chain.h"

struct bpf_object;

enum chain_mode { CHAIN_AUTO, CHAIN_NATIVE, CHAIN_GENERIC }; /* AUTO: native, else generic */
enum chain_access { CHAIN_READ, CHAIN_WRITE };

struct chain {
	char ifname[IF_NAMESIZE];
	struct chain_info info;
	int dir;  /* the pin directory */
	int lock; /* -1 when opened with CHAIN_READ */
	int slots, tap, cpus, infos, stages, bases, programs, sessions, filters; /* maps */
	int root;  /* the root program, of a chain that chain_alone() made; else -1 */
	int ncpus; /* possible CPUs: values of a per-CPU map */
};

/* Counters of all CPUs together, by the stage that is in a slot now. */
struct chain_totals {
	struct chain_count verdicts[CHAIN_COUNTED][CHAIN_VERDICTS];
	struct chain_count reasons[CHAIN_COUNTED][CHAIN_REASONS];
	struct chain_count gone[CHAIN_VERDICTS]; /* of stages that are in no slot any more */
	__u64 asked[CHAIN_SLOTS];
	struct session_count sessions[SESSIONS];
};

/**
 * chain_open - open the chain on @ifname.
 * @out: set on success; closed with chain_close()
 *
 * Return: 0; -ENODEV no such interface; -ENOENT no chain on it; -EPERM; -ENOTSUP bpffs not
 * mounted, or a chain of another ABI; -EXDEV the pins belong to another network namespace;
 * -ESTALE the interface has gone and come again, or the link was detached; -EBUSY somebody else
 * changes chains and went on for 5 s (CHAIN_WRITE only).
 */
int chain_open(const char *ifname, enum chain_access access, struct chain **out, struct fail *f);

/**
 * chain_attach - open the chain on @ifname for writing; make it if there is none.
 * @mode: CHAIN_AUTO tries native, then generic; read chain->info.generic for the outcome
 *
 * A chain that was just made has no stages: put one in, or call chain_release().
 * Return: as chain_open(); -EEXIST another XDP program is attached; -EOPNOTSUPP; -ENOSYS the
 * kernel is too old.
 */
int chain_attach(const char *ifname, enum chain_mode mode, struct chain **out, struct fail *f);

/**
 * chain_attach_under, chain_open_under - chain_attach() and chain_open() for one that already has
 * a chain with CHAIN_WRITE, @holder: they share its lock. For changes on several interfaces.
 */
int chain_attach_under(const struct chain *holder, const char *ifname, enum chain_mode mode,
		       struct chain **out, struct fail *f);
int chain_open_under(const struct chain *holder, const char *ifname, struct chain **out,
		     struct fail *f);

/**
 * chain_alone - a chain that no packet comes to, for trying things out: c->root is its root, to be
 * run by BPF_PROG_TEST_RUN. The calling process moves into a mount and a network namespace of its
 * own, with a BPF filesystem of its own: no other chain is seen from then on, and all is gone with
 * the process. Return: 0; -EPERM; -ENOSYS; -errno.
 */
int chain_alone(struct chain **out, struct fail *f);

/** chain_close - free @c and its descriptors; NULL is allowed. The chain runs on. */
void chain_close(struct chain *c);

/**
 * chain_forget - close the descriptors of @c; what was read into it stays. For a process that
 * gives up the right to change it.
 */
void chain_forget(struct chain *c);

/**
 * chain_release - take root, link and pins down if no stage is left.
 * Return: 1 taken down, 0 stages are left, -errno.
 */
int chain_release(struct chain *c, struct fail *f);

/**
 * chain_remove - take down whatever is pinned for @ifname: a chain in any state, also one that
 * chain_open() refuses because its interface is gone. Takes the lock. For detach and sweeping.
 */
int chain_remove(const char *ifname, struct fail *f);

/**
 * chain_sweep - chain_remove(), if there are pins that chain_open() refused with @why.
 * Return: 0 removed; @why, with @f as it was: there is nothing of @ifname; -errno.
 */
int chain_sweep(const char *ifname, int why, struct fail *f);

/*
 * What every slot is to hold. Who changes several at once opens a layout, changes entries of it,
 * and switches: every packet meets the old chain or the new one.
 */
struct chain_layout {
	struct chain_stage stages[CHAIN_SLOTS];
	int progs[CHAIN_SLOTS]; /* descriptors, the layout's own; -1: empty */
	int from[CHAIN_SLOTS];	/* whose counters go on: a slot of before; -1: they begin at 0 */
	int back; /* 1: the last switch is undone: counters are those of before it, not by from[] */
};

/** chain_layout - @c as it is, in @l; closed by chain_layout_close(). 0 or -errno. */
int chain_layout(const struct chain *c, struct chain_layout *l, struct fail *f);

/** chain_layout_put - have a copy of @prog in @slot, as @st says; -1: nobody. 0 or -errno. */
int chain_layout_put(struct chain_layout *l, __u32 slot, int prog, const struct chain_stage *st);

/** chain_layout_close - close its descriptors. */
void chain_layout_close(struct chain_layout *l);

/**
 * chain_switch - make @c what @l says, in one step; needs CHAIN_WRITE. Returns when no packet is in
 * a program that was taken out.
 * Return: 0; -errno, and the chain is as it was.
 */
int chain_switch(struct chain *c, struct chain_layout *l, struct fail *f);

/**
 * chain_panic - with @on step over all policers, at once; without it, back. What is in the slots,
 * and the load balancer, stay. Needs CHAIN_WRITE. 0 or -errno.
 */
int chain_panic(struct chain *c, int on, struct fail *f);

/**
 * chain_set - put program @prog_fd into @slot; @st->name, flags, digest and instance are kept with
 * it. The counters of a stage of the same name go on.
 */
int chain_set(struct chain *c, __u32 slot, int prog_fd, const struct chain_stage *st,
	      struct fail *f);

/** chain_clear - empty @slot. Returns when no packet is in the old program any more. */
int chain_clear(struct chain *c, __u32 slot, struct fail *f);

/**
 * chain_stage - who is in @slot.
 * Return: 0; -ENOENT nobody. A slot that some other tool filled has only prog_id and, for who has
 * CAP_SYS_ADMIN, the kernel's name for the program.
 */
int chain_stage(const struct chain *c, __u32 slot, struct chain_stage *st);

/**
 * chain_program - what program @instance of this chain is, or was, called. -ENOENT: it has been
 * forgotten, or some other tool put it there.
 */
int chain_program(const struct chain *c, __u32 instance, struct chain_program *p);

/* Remember it, before it is in its slot, or do not. Need CHAIN_WRITE. 0 or -errno. */
int chain_program_keep(const struct chain *c, __u32 instance, const struct chain_program *p);
void chain_program_drop(const struct chain *c, __u32 instance);

/** chain_has_stages - is anybody in slots 1 to 15? */
int chain_has_stages(const struct chain *c);

/** chain_find - the slot of the stage called @name; -ENOENT. */
int chain_find(const struct chain *c, const char *name);

/** chain_instance - a number for a new program in this chain, never 0. Needs CHAIN_WRITE. */
int chain_instance(struct chain *c, __u32 *instance);

/** chain_tap - @on: the root asks the array `tap` for each packet; 0: it does not. 0 or -errno. */
int chain_tap(const struct chain *c, int on);

/** chain_totals - sum the counters of all CPUs. -errno. */
int chain_totals(const struct chain *c, struct chain_totals *t);

/**
 * chain_reuse - let @obj use the chain's maps (slots, tap, cpus, sessions, info), by name.
 * Before bpf_object__load().
 */
int chain_reuse(const struct chain *c, struct bpf_object *obj, struct fail *f);

/**
 * chain_each - call @fn for each interface that has pins, in name order; stop when it
 * returns nonzero, and return that. -EPERM; 0 when there are none.
 */
int chain_each(int (*fn)(const char *ifname, void *arg), void *arg, struct fail *f);

#endif
