#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include "tests/io/files.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using files::error_of;

namespace {

std::string array(double value, index_t steps = 3) {
  return files::npy("<f8", false, {steps, 2}, [value](index_t) { return value; });
}

std::vector<std::string> names_of(const std::vector<TrajectorySet>& sets) {
  std::vector<std::string> names;
  for (const auto& set : sets) names.push_back(set.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a folder or a pattern is a collection, sorted bytewise", "[io]") {
  const files::Folder folder;
  for (const char* name : {"net10", "net2", "Net3", "net1"})
    folder.write(std::string("runs/") + name + ".npy", array(0));
  folder.write("runs/pack.npz", files::zip({{"z.npy", array(1)}, {"y.npy", array(2)}}));
  folder.write("runs/D.json", "{}");
  folder.write("runs/readme.txt", "not data");
  folder.write("runs/deeper/net9.npy", array(0));
  CHECK(names_of(load({folder / "runs"})) == Names{"Net3", "net1", "net10", "net2", "pack/z", "pack/y"});
  CHECK(names_of(load({folder / "runs/net*.npy"})) == Names{"net1", "net10", "net2"});
  CHECK(names_of(load({folder / "runs/*.npz:y"})) == Names{"y"});
  CHECK(names_of(load({folder / "runs/net[12].npy", folder / "runs/pack.npz"})) ==
        Names{"net1", "net2", "pack/z", "pack/y"});
  folder.write("odd/a[1].npy", array(0));  // a file of that very name comes first
  CHECK(names_of(load({folder / "odd/a[1].npy"})) == Names{"a[1]"});
}

TEST_CASE("names grow by what leads to a file until they differ", "[io]") {
  const files::Folder folder;
  for (const char* name : {"s1/early/x.npy", "s2/early/x.npy", "s2/late/x.npy", "y.npy"}) folder.write(name, array(0));
  CHECK(names_of(load({folder / "s1/early/x.npy", folder / "s2/early/x.npy", folder / "s2/late/x.npy",
                       folder / "y.npy"})) == Names{"s1/early/x", "s2/early/x", "late/x", "y"});
  folder.write("p.npz", files::zip({{"x.npy", array(0)}}));
  folder.write("q.npz", files::zip({{"x.npy", array(0)}}));
  CHECK(names_of(load({folder / "p.npz", folder / "q.npz"})) == Names{"p/x", "q/x"});
  folder.write("p.npy", array(0));
  const auto same = names_of(load({folder / "p.npy", folder / "p.npz"}, {.npz = NpzArrays::trials}));
  CHECK(same[0] != same[1]);
}

TEST_CASE("nothing to load, or the same twice, is an error that names it", "[io]") {
  const files::Folder folder;
  const auto a = folder.write("a.npy", array(0));
  folder.write("empty/readme.txt", "");
  ErrorCode code{};
  CHECK_THAT(error_of([&] { (void)load({folder / "b.npy"}); }, &code), Contains("b.npy: no such file"));
  CHECK(code == ErrorCode::io);
  CHECK_THAT(error_of([&] { (void)load({folder / "*.npz"}); }), Contains("*.npz: no file matches"));
  CHECK_THAT(error_of([&] { (void)load({folder / "empty"}); }),
             Contains("empty: this folder holds no .npy, .npz, .h5, .hdf5, .nwb or .mat file"));
  CHECK_THAT(error_of([&] { (void)load_npy({folder / "empty"}); }), Contains("is a folder"));
  CHECK_THAT(error_of([&] { (void)load({folder.write("void.npy", "")}); }), Contains("void.npy: is empty"));
  CHECK_THAT(error_of([&] { (void)load({a + ":x"}); }), Contains("a.npy: is a .npy file: it has no named arrays"));
  CHECK_THAT(error_of([&] { (void)load({folder / "b.npy:x"}); }), Contains("b.npy:x: no such file"));
  CHECK_THAT(error_of([&] { (void)load({folder / "c.npz:x"}); }), Contains("c.npz: no such file"));
  CHECK_THAT(error_of([&] { (void)load({a, (folder / ".") + "/a.npy"}); }, &code), Contains("given twice"));
  CHECK(code == ErrorCode::invalid_argument);
  CHECK_THAT(error_of([&] {
               (void)load_npy({folder.write("x.npz", files::zip({{"a.npy", array(0)}}))});
             }),
             Contains("not a .npy file"));
}

TEST_CASE("a manifest makes systems of several files", "[io]") {
  const files::Folder folder;
  folder.write("data/t1.npy", array(1, 5));
  folder.write("data/t2.npy", array(2, 6));
  folder.write("data/other.npy", files::npy("<f8", false, {2, 9}, [](index_t) { return 3.0; }));
  folder.write("pack.npz", files::zip({{"p.npy", array(4)}, {"q.npy", array(5)}}));
  const auto path = folder.write("m.json", R"({
    "layout": "time,channels",
    "systems": [
      {"name": "both", "files": ["data/t1.npy", "data/t2.npy"], "label": "trained"},
      {"name": "turned", "file": "data/other.npy", "layout": "channels,time"},
      {"name": "glob", "file": "data/t*.npy"},
      {"name": "whole", "file": "pack.npz", "label": "naïve"},
      {"name": "part", "file": "pack.npz:q"}
    ]})");
  const auto sets = load({path});
  CHECK(names_of(sets) == Names{"both", "turned", "glob", "whole", "part"});
  CHECK((sets[0].label == "trained" && sets[1].label.empty() && sets[3].label == "na\xc3\xafve"));
  CHECK((sets[0].trial_count() == 2 && sets[0].steps(0) == 5 && sets[0].steps(1) == 6));
  CHECK((sets[1].channels() == 2 && sets[1].steps(0) == 9));
  CHECK((sets[2].trial_count() == 2 && sets[3].trial_count() == 2 && sets[4].trial_count() == 1));
  CHECK(std::get<1>(sets[4].trials)[0](0, 0) == 5);

  const auto infos = describe(path);
  REQUIRE(infos.size() == 8);
  CHECK((infos[0].system == "both" && infos[1].system == "both" && infos[0].label == "trained"));
  CHECK_THAT(error_of([&] { (void)load({path, path}); }), Contains("m.json:both") && Contains("twice"));
}

TEST_CASE("a manifest gives systems fits of their own", "[io]") {
  const files::Folder folder;
  folder.write("a.npy", array(0));
  const auto path = folder.write("m.json", R"({"systems": [
      {"name": "own", "file": "a.npy", "delays": 5, "interval": 2, "rank": "variance:0.99", "ridge": 1e-3, "dt": 0.02},
      {"name": "plain", "file": "a.npy"},
      {"name": "number", "file": "a.npy", "rank": 7}
    ]})");
  const Loaded loaded = load_described({path});
  REQUIRE(loaded.fits.size() == 3);
  Dmd dmd{.delays = 3, .steps_ahead = 4};
  for (const auto& [field, text] : loaded.fits[0]) set_field(dmd, field, text);
  CHECK(dmd == Dmd{.delays = 5,
                   .interval = 2,
                   .rank = RankRule(RankRule::Kind::variance, 0.99),
                   .steps_ahead = 4,
                   .ridge = 1e-3,
                   .dt = 0.02});
  CHECK(loaded.fits[1].empty());
  CHECK(loaded.fits[2] == FitFields{{"rank", "7"}});
}

TEST_CASE("a manifest that is not one says where", "[io]") {
  const files::Folder folder;
  folder.write("a.npy", array(0));
  const auto refused = [&](const std::string& text) {
    const auto path = folder.write("m.json", text);
    std::string message = error_of([&] { (void)load({path}); });
    CHECK_THAT(message, Contains("m.json"));
    CHECK(message.find('\n') == std::string::npos);
    return message;
  };
  CHECK_THAT(refused("{\"systems\": [\n"), Contains("not JSON") && Contains("line 2"));
  CHECK_THAT(refused(""), Contains("not JSON"));
  CHECK_THAT(refused("[1]"), Contains("expected an object"));
  CHECK_THAT(refused("{\"config\": {}}"), Contains("unknown key 'config'"));
  CHECK_THAT(refused("{}"), Contains("'systems' must be a list"));
  CHECK_THAT(refused("{\"systems\": []}"), Contains("at least one system"));
  CHECK_THAT(refused("{\"systems\": [3]}"), Contains("system 0"));
  CHECK_THAT(refused(R"({"systems": [{"file": "a.npy"}]})"), Contains("has no 'name'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "", "file": "a.npy"}]})"), Contains("'name' must be"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s"}]})"), Contains("'s'") && Contains("'file' or 'files'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "files": []}]})"), Contains("either"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "files": []}]})"), Contains("at least one file"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "files": [1]}]})"), Contains("string"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "group": "g"}]})"),
             Contains("unknown key 'group'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "layout": "x"}]})"),
             Contains("unknown layout 'x'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "delays": 0}]})"),
             Contains("system 0 ('s'): 'delays' is '0', expected a whole number from 1"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "rank": "variance:2"}]})"),
             Contains("'rank' is 'variance:2', expected a whole number from 0, full"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "dt": [1]}]})"), Contains("'dt' is '[1]'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy", "regression": "x"}]})"),
             Contains("unknown key 'regression'"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "file": "a.npy"}, {"name": "s", "file": "a.npy"}]})"),
             Contains("two systems"));
  CHECK_THAT(refused(R"({"systems": [{"name": "s", "files": ["a.npy", "./a.npy"]}]})"), Contains("twice"));
  CHECK_THAT(
      error_of([&] { (void)load({folder.write("n.json", R"({"systems": [{"name": "s", "file": "no.npy"}]})")}); }),
      Contains("no.npy: no such file"));
}

TEST_CASE("describe tells what each array was taken to be", "[io]") {
  const files::Folder folder;
  const auto zero = [](index_t) { return 0.0; };
  const auto path = folder.write("x.npy", files::npy(">f4", true, {4, 200, 3}, zero));
  const ArrayInfo info = describe(path).at(0);
  CHECK((info.file == path && info.array.empty() && info.system == "x"));
  CHECK((info.dtype == "float32" && info.byte_order == "big-endian" && info.order == "Fortran"));
  CHECK(info.shape == std::vector<index_t>{4, 200, 3});
  CHECK(info.axes == Names{"trials", "time", "channels"});
  CHECK((info.trials == 4 && info.steps == 200 && info.channels == 3));
  CHECK(info.storage == "copied: byte-swapped");
  CHECK((info.remark.empty() && info.problem.empty()));

  const auto square = folder.write("square.npy", files::npy("<f8", false, {7, 7}, zero));
  CHECK_THAT(describe(square)[0].remark, Contains("axes 0 and 1 are both 7 long"));
  CHECK(describe(square, {.layout = Layout::channels_time})[0].remark.empty());
  CHECK(describe(square, {.layout = Layout::channels_time})[0].axes == Names{"channels", "time"});
  const auto flat = folder.write("flat.npy", files::npy("<f8", false, {3, 100}, zero));
  CHECK_THAT(describe(flat)[0].remark, Contains("more channels (100) than time steps (3)"));

  folder.write("bad.npy", "nonsense");
  folder.write("pack.npz", files::zip({{"ok.npy", array(0)},
                                       {"int.npy", files::npy(files::header("<i8", false, {2}), std::string(16, 0))}}));
  const auto all = describe(folder / "*.np?");
  REQUIRE(all.size() == 6);
  CHECK_THAT(all[0].problem, Contains("neither"));
  CHECK((all[2].array == "ok" && all[2].problem.empty()));
  CHECK((all[3].array == "int" && all[3].dtype == "int64" && all[3].shape == std::vector<index_t>{2}));
  CHECK_THAT(all[3].problem, Contains("expected float32 or float64"));
  CHECK_THROWS_AS(describe(folder / "missing.npy"), Error);
}
