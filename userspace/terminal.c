// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal: raw keys and signals, read in one place.
 *
 * Signals are blocked and read as data, so nothing is done in a handler and
 * none gets lost between a look and a wait.
 */
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "terminal.h"

#define ENTER	"\033[?1049h\033[?25l\033[2J"	/* another screen, no cursor, empty */
#define LEAVE	"\033[?25h\033[?1049l"

static void fill_signals(sigset_t *set)
{
	static const int numbers[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH
	};
	size_t i;

	sigemptyset(set);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(set, numbers[i]);
}

/**
 * terminal_is_there() - whether a person sits at both ends
 * Return: true if it is.
 */
bool terminal_is_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb");
}

/**
 * terminal_has_colour() - whether colour is wanted (see no-color.org)
 * Return: true if it has.
 */
bool terminal_has_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return terminal_is_there() && !(no && *no);
}

/**
 * terminal_has_blocks() - whether it can show block elements
 * Return: true if it has.
 */
bool terminal_has_blocks(void)
{
	setlocale(LC_CTYPE, "");
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/**
 * terminal_size() - how large it is now
 * @rows: filled in; 24 if unknown
 * @columns: filled in; 80 if unknown
 */
void terminal_size(unsigned int *rows, unsigned int *columns)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}

static void enter(struct terminal *terminal)
{
	struct termios raw = terminal->before;

	/* Keys one by one and unseen; Ctrl-C and Ctrl-Z remain signals. */
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs(ENTER, stdout);
	fflush(stdout);
}

static void leave(struct terminal *terminal)
{
	fputs(LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
}

/**
 * terminal_begin() - take the screen
 * @terminal: filled in; terminal_end() it
 *
 * Return: whether it could be taken.
 */
bool terminal_begin(struct terminal *terminal)
{
	sigset_t set;

	*terminal = (struct terminal) { .signals = -1 };
	if (tcgetattr(STDIN_FILENO, &terminal->before))
		return false;
	fill_signals(&set);
	terminal->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (terminal->signals < 0)
		return false;
	sigprocmask(SIG_BLOCK, &set, NULL);
	enter(terminal);
	return true;
}

/* Ctrl-Z: the shell gets its terminal, and when it says so we get it back. */
static void suspend(struct terminal *terminal)
{
	leave(terminal);
	raise(SIGSTOP);
	tcgetattr(STDIN_FILENO, &terminal->before);
	enter(terminal);
}

static enum terminal_news read_signal(struct terminal *terminal)
{
	struct signalfd_siginfo info;

	if (read(terminal->signals, &info, sizeof(info)) != sizeof(info))
		return TERMINAL_TICK;
	switch (info.ssi_signo) {
	case SIGTSTP:
		suspend(terminal);
		return TERMINAL_RESIZED;
	case SIGWINCH:
		return TERMINAL_RESIZED;
	default:
		terminal->ended_by = info.ssi_signo;
		return TERMINAL_ENDED;
	}
}

static enum terminal_news read_key(struct terminal *terminal)
{
	if (read(STDIN_FILENO, &terminal->key, 1) == 1)
		return TERMINAL_KEY;
	/* The terminal is gone. */
	return TERMINAL_ENDED;
}

/**
 * terminal_wait() - wait for a key, a signal, or the time to be over
 * @terminal: the terminal
 * @milliseconds: how long
 *
 * Return: what it was.
 */
enum terminal_news terminal_wait(struct terminal *terminal, int milliseconds)
{
	struct pollfd fd[] = {
		{ .fd = terminal->signals, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	if (poll(fd, 2, milliseconds) <= 0)
		return TERMINAL_TICK;
	return fd[0].revents ? read_signal(terminal) : read_key(terminal);
}

/**
 * terminal_end() - give the screen back
 * @terminal: no longer used
 *
 * If a signal ended it, the signal is raised again, so that the parent sees it.
 */
void terminal_end(struct terminal *terminal)
{
	sigset_t set;

	leave(terminal);
	close(terminal->signals);
	fill_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (terminal->ended_by)
		raise(terminal->ended_by);
}
