/*
 * draft/inner.h - private to draft: the types as data, a description as it was read, organs.
 */
#ifndef SM_DRAFT_INNER_H
#define SM_DRAFT_INNER_H

#include "draft/draft.h"
#include "text/text.h"

/* What stands in a description in the place of whom it is for. */
#define SM_ADDRESSEE   "\xef\xbf\xbc" /* U+FFFC: never in a description */
#define SM_BLANK(what) "（待填：" what "）"
#define SM_BLANK_BEGIN "（待填："
#define SM_LIST_SEP    "、"

/* ---------------------------------------------------------------- patterns */

enum { SM_GROUPS = 6 };

typedef struct sm_pattern sm_pattern;
/* PCRE2 in UTF-8, with limits; E_INVALID names `what`.  Lives as long as op's arena. */
sm_rc sm_pattern_read(sm_op *op, sm_str text, const char *what, const sm_pattern **out);
/* The first match at or after `from`: group[0] is all of it, those that did not take part are "".
 */
bool sm_pattern_find(const sm_pattern *p, sm_str text, size_t from, sm_str group[SM_GROUPS]);
bool sm_pattern_in(const sm_pattern *p, sm_str text);
/* `put` with $0 … $5 as the groups. */
sm_str sm_pattern_fill(sm_arena *a, sm_str put, const sm_str group[SM_GROUPS]);

/* ------------------------------------------------------------------- types */

typedef enum sm_direction {
    SM_DIR_UNKNOWN,
    SM_DIR_UP,
    SM_DIR_DOWN,
    SM_DIR_LEVEL,
    SM_DIR_PUBLIC,
    SM_N_DIRECTIONS
} sm_direction;
const char *sm_direction_name(sm_direction d); /* "" up down level public */

typedef struct sm_cue { /* points to a type, or away from it with a weight below 0 */
    const sm_pattern *match;
    double weight;
    sm_str why; /* goes on: 要求上级批准 */
} sm_cue;

typedef struct sm_shape {
    const sm_pattern *match;
    sm_str put;
} sm_shape;

typedef struct sm_skeleton {
    const sm_pattern *match; /* of the description; NULL: any */
    sm_str *line;            /* "@role text" */
    size_t n;
    sm_str title;    /* "" 关于{matter}的{type} */
    sm_str encloses; /* what it issues is attached without a label: group of `match` is its name */
} sm_skeleton;

typedef struct sm_type {
    sm_draft_type face;
    double toward[SM_N_DIRECTIONS]; /* weight of each direction */
    double common;                  /* weight of how often it is written at all */
    sm_cue *cue;
    size_t n_cues;
    sm_shape *shape; /* the matter out of the whole description: the first that matches */
    size_t n_shapes;
    sm_shape *finish; /* of a clause that becomes the matter */
    size_t n_finish;
    sm_skeleton *skeleton;
    size_t n_skeletons;
    sm_str mark;  /* behind the organ's name: 文件 */
    sm_str *code; /* endings of the organ's codes, the best first */
    size_t n_codes;
    bool to;     /* has recipients */
    bool signer; /* a person signs at the end */
    bool seal;   /* organ and date at the end */
    sm_str aliases;
} sm_type;

struct sm_drafter {
    sm_op own;         /* its arena holds everything */
    sm_roster *roster; /* NULL: none */
    sm_organs *organs; /* all names of the roster */
    sm_type *type;
    sm_draft_type *face;
    size_t n_types;
    sm_shape *clean; /* what is taken off a description's clauses, over and over */
    size_t n_clean;
    sm_shape *trim; /* and off one that becomes the matter of a title */
    size_t n_trim;
    const sm_pattern *public_words; /* of those whom nobody names: 市民, 社会 */
    const sm_pattern *group;        /* 各区县, 市直部门 */
    /* what stands right before whom it is for, right behind them, and before who is only spoken of
     */
    const sm_pattern *before, *behind, *origin;
    const sm_pattern *mutual; /* the text is for whoever is named in it: 共享, 他们 */
    sm_prompts *prompts;
};

const sm_type *sm_type_named(const sm_drafter *d, sm_str name); /* by alias, too; NULL: none */

/* ------------------------------------------------------------------ organs */

typedef struct sm_named {
    sm_str text;                  /* as it is written: slice of the description */
    const sm_roster_organ *organ; /* NULL: not in the registry */
    bool group;                   /* 各区县, 市直部门 */
    sm_str name;                  /* as it is to stand among recipients */
    sm_str why;
} sm_named;

/* In force on `day`; `from` (may be NULL) tells what 区政府 and the like mean. */
const sm_roster_organ *sm_organ_find(const sm_drafter *d, sm_str name, const sm_roster_organ *from,
                                     sm_str day);
sm_direction sm_organ_direction(const sm_drafter *d, const sm_roster_organ *from,
                                const sm_roster_organ *to);
/* The same for a group of which only the words are known. */
sm_direction sm_group_direction(const sm_drafter *d, const sm_roster_organ *from, sm_str words);
/* How a group is written among recipients in this place; why may tell what was taken in. */
sm_str sm_group_name(sm_arena *a, const sm_drafter *d, const sm_roster_organ *from, sm_str words,
                     sm_str day, sm_str *why);
/* How an organ is written among recipients of `from`. */
sm_str sm_organ_called(const sm_roster_organ *from, const sm_roster_organ *to);
/* The office that prints for it; NULL: not in the registry. */
const sm_roster_organ *sm_organ_office(const sm_drafter *d, const sm_roster_organ *o, sm_str day);
/* Who is at its head; NULL: not in the registry. */
const sm_roster_person *sm_organ_head(const sm_drafter *d, const sm_roster_organ *o, sm_str day);
bool sm_organ_governs(const sm_roster_organ *o); /* a government, or what stands for one */

/* ------------------------------------------------------------- description */

typedef struct sm_said {
    sm_str text;   /* clean: one line of valid UTF-8 without controls */
    sm_str marked; /* the same with SM_ADDRESSEE for each of those it is for */
    sm_named *to;
    size_t n_to;
    const sm_roster_organ *from; /* NULL: not known */
    sm_str organ;                /* its name as given, else "" */
    sm_draft_source organ_source;
    sm_direction direction;
    sm_str day;    /* YYYY-MM-DD or "" */
    sm_str *point; /* what is to be done or told, a clause each */
    bool *asks;    /* one a point: it is said to whom the document is for */
    size_t n_points;
} sm_said;

sm_rc sm_said_read(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, sm_said *out);
/* One line: marks as official documents write them, no controls, nothing hidden. */
sm_str sm_said_clean(sm_arena *a, sm_str text);
/* The matter for a title: shaped for the type; "" it could not be told. */
sm_str sm_said_matter(sm_arena *a, const sm_drafter *d, const sm_said *s, const sm_type *t);

/* ------------------------------------------------------------------- steps */

/* choose.c: the choices, `clear` and the question. */
const sm_type *sm_draft_choose(sm_op *op, const sm_drafter *d, const sm_said *s,
                               const sm_type *told, sm_draft *out);
/* elements.c */
void sm_draft_elements(sm_op *op, const sm_drafter *d, const sm_draft_ask *ask, const sm_said *s,
                       const sm_type *t, sm_draft *out);
/* body.c */
const sm_skeleton *sm_draft_skeleton(const sm_type *t, const sm_said *s);
void sm_draft_body(sm_op *op, const sm_said *s, const sm_type *t, sm_draft *out);
void sm_draft_note(sm_arena *a, sm_draft *out, sm_str note);
const sm_draft_element *sm_draft_element_of(const sm_draft *draft, const char *role);
bool sm_has_blank(sm_str text);
sm_str sm_fill(sm_arena *a, sm_str text, const char *slot, sm_str put);

#endif
