/// The commands that train networks.
#include "tests/cli/process.hpp"

#include <kindred/networks.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kindred;
using kindred::test::Folder;

TEST_CASE("kindred testcase rnn trains, judges and writes", "[testcase][networks][cli]") {
  const Folder folder;
  const std::vector<std::string> command{"testcase",
                                         "rnn",
                                         "--seeds",
                                         "1",
                                         "--units",
                                         "4",
                                         "--updates",
                                         "4",
                                         "--part-updates",
                                         "2",
                                         "--networks",
                                         "2",
                                         "--least-accuracy",
                                         "0",
                                         "--metric",
                                         "cka",
                                         "--permutations",
                                         "19",
                                         "--keep",
                                         "keep",
                                         "--out",
                                         "results",
                                         "--report",
                                         "r.html",
                                         "--save-trajectories",
                                         "data"};
  const auto run = folder.kindred(command);
  INFO(run.err);
  REQUIRE(run.code == 0);
  for (const char* text : {"claims of the paper", "C1, short", "C3, paper", "parts, without master frozen; short",
                           "replicate", "over learning", "behaviour"}) {
    CAPTURE(text);
    CHECK(run.out.find(text) != std::string::npos);
  }
  const auto document = nlohmann::json::parse(folder.read("results/testcase.json"));
  const auto& rnn = document["cases"][0];
  CHECK(rnn["networks"].size() == 12);
  CHECK(rnn["learning"].size() == 2);
  CHECK(folder.read_npy("results/rnn/seed-0/delays-17-interval-1-rank-20/cka.npy").shape == "(67, 67)");
  CHECK(folder.read_npy("data/rnn/seed-0/002.npy").shape == "(64, 200, 4)");
  const std::string page = folder.read("r.html");
  CHECK(page.find("<svg") != std::string::npos);
  CHECK(page.find("Recurrent networks") != std::string::npos);
  // A folder of networks of other settings, a case without networks, none of them, an unknown group.
  auto other = command;
  other[5] = "5";
  const auto refused = folder.kindred(other);
  CHECK(refused.code == 2);
  CHECK(refused.err.find("units 4") != std::string::npos);
  CHECK(folder.kindred({"testcase", "rnn", "--seeds", "0"}).code == 2);
  CHECK(folder.kindred({"testcase", "rnn", "--networks", "1"}).code == 2);
  // Options that would change nothing.
  struct Idle {
    std::vector<std::string> arguments;
    const char* says;
  };
  for (const auto& [arguments, says] :
       {Idle{{"testcase", "mamba", "--activation", "relu"}, "--activation is of networks of kind rnn"},
        Idle{{"testcase", "rnn", "--layers", "2"}, "--layers is of networks of kind mamba"},
        Idle{{"testcase", "regimes", "--keep", "k"}, "--keep goes with rnn and mamba; regimes trains no networks"},
        Idle{{"testcase", "all", "--units", "5"}, "all trains no networks unless --with-networks is given"},
        Idle{{"testcase", "rnn", "--with-networks"}, "--with-networks goes with all"},
        Idle{{"train", "mamba", "--units", "5", "--out", "n.npz"}, "--units is of networks of kind rnn"},
        Idle{{"train", "rnn", "--width", "5", "--out", "n.npz"}, "--width is of networks of kind mamba"}}) {
    const auto idle = folder.kindred(arguments);
    CAPTURE(idle.err, says);
    CHECK(idle.code == 2);
    CHECK(idle.err.find(says) != std::string::npos);
  }
}

TEST_CASE("kindred train writes a network and its recording", "[testcase][networks][cli]") {
  const Folder folder;
  const auto run =
      folder.kindred({"train", "mamba", "--group", "basic+anti", "--width", "2", "--updates", "3", "--part-updates",
                      "2", "--out", "net.npz", "--record", "x.npy", "--json", "--quiet"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const auto document = nlohmann::json::parse(run.out);
  CHECK(document["group"] == "basic+anti");
  CHECK(document["curves"].size() == 2);
  CHECK(folder.read_npy("x.npy").shape == "(64, 200, 64)");
  const auto network = testcase::load_network(folder / "net.npz");
  CHECK(static_cast<index_t>(network.parameters.size()) == train::parameter_count(train::Mamba{.width = 2}, 7, 3));
  const auto unknown = folder.kindred({"train", "rnn", "--group", "paster", "--out", "n.npz"});
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("expected one of untrained, master frozen, basic") != std::string::npos);
  CHECK(folder.kindred({"train", "rnn"}).code == 2);
  CHECK(folder.kindred({"train", "lstm", "--out", "n.npz"}).code == 2);
}
