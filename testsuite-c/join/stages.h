/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STAGES_H
#define STAGES_H

int stages_setup(void);
void stages_exit(int stage);
int bad_stages_setup(void);
void bad_stages_exit(int stage);

#endif
