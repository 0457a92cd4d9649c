/* A zip as it comes; anything else becomes the sheet (or, when its root says so, the styles or the
 * strings) of a sound workbook. */
#include "fuzz_layout.h"

static const char workbook[] =
    "<workbook><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>";
static const char relations[] =
    "<Relationships><Relationship Id=\"r1\" Type=\"/worksheet\" Target=\"s.xml\"/><Relationship "
    "Id=\"r2\" Type=\"/sharedStrings\" Target=\"t.xml\"/><Relationship Id=\"r3\" Type=\"/styles\" "
    "Target=\"u.xml\"/></Relationships>";
static const char strings[] = "<sst><si><t>a</t></si><si><r><t>b</t></r></si></sst>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd\"/></numFmts><cellXfs>"
    "<xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"4\"/></cellXfs></styleSheet>";
static const char sheet[] =
    "<worksheet><sheetData><row><c><v>46357.75</v></c><c s=\"1\"><v>46357.75</v></c><c s=\"2\"><v>"
    "-1234.5</v></c><c t=\"s\"><v>1</v></c></row></sheetData></worksheet>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str text = { (const char *)data, size };
    if (sm_str_starts(text, SM_STR("PK"))) {
        fuzz_layout("a.xlsx", data, size, fuzz_check_layout);
        return 0;
    }
    bool as_styles = sm_str_starts(text, SM_STR("<style"));
    bool as_strings = sm_str_starts(text, SM_STR("<sst"));
    const struct fuzz_part parts[] = {
        { "xl/workbook.xml", sm_str_of(workbook) },
        { "xl/_rels/workbook.xml.rels", sm_str_of(relations) },
        { "xl/t.xml", as_strings ? text : sm_str_of(strings) },
        { "xl/u.xml", as_styles ? text : sm_str_of(styles) },
        { "xl/s.xml", as_styles || as_strings ? sm_str_of(sheet) : text },
    };
    fuzz_layout_package("a.xlsx", parts, SM_LEN(parts), fuzz_check_layout);
    return 0;
}
