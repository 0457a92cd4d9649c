/* A zip as it comes; anything else becomes the page (or, when its root says so, the document or the
 * resources) of a sound OFD, so that the fuzzer need not keep checksums right to reach the XML. */
#include "fuzz_layout.h"

static const char entrance[] = "<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>";
static const char document[] =
    "<Document><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea>"
    "<PublicRes>R.xml</PublicRes><TemplatePage ID=\"4\" BaseLoc=\"T.xml\"/></CommonData><Pages>"
    "<Page ID=\"1\" BaseLoc=\"P.xml\"/><Page ID=\"2\" BaseLoc=\"P.xml\"/></Pages></Document>";
static const char resources[] =
    "<Res><Fonts><Font ID=\"5\" FontName=\"a\"/></Fonts><CompositeGraphicUnits>"
    "<CompositeGraphicUnit ID=\"9\"><Content><TextObject Font=\"5\" Size=\"5\"><TextCode X=\"1\" "
    "Y=\"1\">a</TextCode></TextObject></Content></CompositeGraphicUnit></CompositeGraphicUnits>"
    "</Res>";
static const char page[] =
    "<Page><Content><TextObject Font=\"5\" Size=\"5\" Boundary=\"9 9 9 9\"><TextCode X=\"1\" "
    "Y=\"1\">a</TextCode></TextObject></Content></Page>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_str text = { (const char *)data, size };
    if (sm_str_starts(text, SM_STR("PK"))) {
        fuzz_layout("a.ofd", data, size, fuzz_check_layout);
        return 0;
    }
    bool as_document = sm_str_starts(text, SM_STR("<Document"));
    bool as_resources = sm_str_starts(text, SM_STR("<Res"));
    const struct fuzz_part parts[] = {
        { "OFD.xml", sm_str_of(entrance) },
        { "D/Document.xml", as_document ? text : sm_str_of(document) },
        { "D/R.xml", as_resources ? text : sm_str_of(resources) },
        { "D/T.xml", sm_str_of(page) },
        { "D/P.xml", as_document || as_resources ? sm_str_of(page) : text },
    };
    fuzz_layout_package("a.ofd", parts, SM_LEN(parts), fuzz_check_layout);
    return 0;
}
