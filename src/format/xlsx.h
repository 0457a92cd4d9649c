/*
 * format/xlsx.h - private: a number as a sheet shows it (ISO/IEC 29500-1, 18.8.30 and 18.8.31).
 */
#ifndef SM_FORMAT_XLSX_H
#define SM_FORMAT_XLSX_H

#include "base/base.h"

/* The code of a format that no file spells out; "General" for what is unknown. */
sm_str sm_xlsx_builtin(int id);
/* `code` as "0.00", "yyyy\"年\"m\"月\"", "#,##0;[Red]-#,##0".  Lies in the arena. */
sm_str sm_xlsx_number(sm_arena *a, double value, sm_str code, bool from_1904);

#endif
