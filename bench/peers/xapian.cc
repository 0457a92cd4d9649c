/* Xapian over the same bigrams: one term each, BM25, an OR of a question's terms, top 100. */
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <xapian.h>

#include "../search_bench.h"

using moment = std::chrono::steady_clock;

static double since(moment::time_point began)
{
    return std::chrono::duration<double>(moment::now() - began).count();
}

static std::string term(uint64_t token)
{
    char word[11];
    peer_word(token, word);
    return word;
}

static void build(const std::string &path, const token_lists *text)
{
    Xapian::WritableDatabase db(path, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_BACKEND_GLASS);
    for (size_t i = 0; i < text->n; i++) {
        Xapian::Document doc;
        for (size_t t = text->off[i]; t < text->off[i + 1]; t++)
            doc.add_term(term(text->token[t]));
        db.add_document(doc);
    }
    db.commit();
}

static void ask(const std::string &path, const token_lists *question, peer_result *out)
{
    Xapian::Database db(path);
    Xapian::Enquire enquire(db);
    enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0.5));
    std::vector<double> ms;
    for (int turn = 0; turn < 2; turn++) { /* the first warms the caches */
        ms.clear();
        for (size_t i = 0; i < question->n; i++) {
            auto began = moment::now();
            std::vector<std::string> terms;
            for (size_t t = question->off[i]; t < question->off[i + 1]; t++)
                terms.push_back(term(question->token[t]));
            enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
            enquire.get_mset(0, 100);
            ms.push_back(1e3 * since(began));
        }
    }
    std::sort(ms.begin(), ms.end());
    out->mean_ms = 0;
    for (double m : ms)
        out->mean_ms += m / double(ms.size());
    out->p95_ms = ms.empty() ? 0 : ms[ms.size() * 95 / 100];
}

extern "C" int peer_xapian(const char *dir, const token_lists *text, const token_lists *question,
                           peer_result *out)
{
    try {
        std::string path = std::string(dir) + "/xapian";
        auto began = moment::now();
        build(path, text);
        out->build_s = since(began);
        out->bytes = 0;
        for (const auto &file : std::filesystem::directory_iterator(path))
            out->bytes += double(file.file_size());
        ask(path, question, out);
    } catch (const Xapian::Error &e) {
        std::fprintf(stderr, "bench_search: xapian: %s\n", e.get_msg().c_str());
        return -1;
    }
    return 0;
}
