/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/terminal.h - the terminal is whole again, however the dashboard ends.
 *
 * The dashboard is a child; its parent does nothing but wait for it. When the child was killed, it
 * sets the terminal back; when the parent was, the child ends as if told to. So `kill -9` of either
 * leaves a terminal that echoes.
 */
#ifndef VIEWER_TERMINAL_H
#define VIEWER_TERMINAL_H

/**
 * terminal_guard - run @child in a process of its own and wait for its end.
 * Return: its exit status; 1 when it was killed.
 */
int terminal_guard(int (*child)(void *arg), void *arg);

#endif
