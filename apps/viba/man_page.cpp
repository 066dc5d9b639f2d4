#include "man_page.h"

#include <string_view>

#include <fmt/format.h>

#include <viba/options.h>
#include <viba/version.h>

#include "bench_options.h"

namespace viba::app {
namespace {

/// Text in which roff sees nothing special.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else
      out += c;
  }
  return out;
}

std::string option(const OptionSpec& spec) {
  const std::string value = spec.value.empty() ? "" : fmt::format(" \\fI{}\\fR", plain(spec.value));
  const std::string repeat = spec.repeatable ? " \\&..." : "";
  return fmt::format(".TP\n\\fB\\-\\-{}\\fR{}{}\n{}. Default: {}.\n", plain(spec.name), value, repeat, plain(spec.help),
                     plain(spec.fallback));
}

std::string options() {
  std::string out;
  std::string_view group;
  for (const auto& spec : option_table()) {
    if (spec.group != group) out += fmt::format(".SS {}\n", spec.group);
    group = spec.group;
    out += option(spec);
  }
  return out;
}

/// Those of `viba bench` that the others have not.
std::string options_of_bench() {
  std::string out = ".SS Of viba bench\n";
  for (const auto& [name, value, fallback, help, set] : bench_options())
    out += fmt::format(".TP\n\\fB\\-\\-{}\\fR \\fI{}\\fR\n{}. Default: {}.\n", plain(name), plain(value), plain(help),
                       plain(fallback));
  out += ".TP\n\\fB\\-\\-json\\fR\nwrite JSON for programs.\n";
  return out +
         ".TP\n\\fB\\-\\-compare\\fR \\fIFILE\\fR\nshow ratios to what an earlier run has written with \\-\\-json.\n";
}

constexpr std::string_view kBefore = R"(.SH NAME
viba \- your webcam with another background, as a fake webcam
.SH SYNOPSIS
.B viba
.RB [ run ]
.RI [ OPTIONS ]
.br
.B viba matte
.I INPUT OUTPUT
.RI [ OPTIONS ]
.br
.B viba models
.RB [ fetch
.IR NAME " ["
.B \-\-from
.IR URL | FOLDER ]]
.br
.B viba models describe
.I FILE
.br
.B viba models run
.I MODEL PICTURE OUTPUT
.RB [ \-\-output
.IR TENSOR ]
.br
.B viba bench
.RI [ OPTIONS ]
.br
.B viba devices
.RB [ \-\-json ]
.br
.B viba doctor
.RB [ \-\-fix " [" \-\-yes "]] [" \-\-json ]
.SH DESCRIPTION
ViBa reads a camera, finds the person with a neural network, replaces or blurs everything else, and offers the result
as a camera of its own that any call program can pick: as a device of the kernel module v4l2loopback, in the user's
PipeWire session, or as both at once. The camera is open only while somebody watches one of them. It never lets a frame out in which the room could show: where
there is no mask to trust, a placeholder takes the frame's place.
.PP
.B viba matte
writes the alpha matte alone: of a picture a gray PNG, of a folder of pictures a folder of such, of a video a lossless
gray Matroska file, frame for frame. White is person.
.PP
.B viba models
lists the neural networks that have a name: licence, size, input, source, and whether they are installed; with
.B \-\-measure
also how long each takes for a mask on this machine, with
.B \-\-tsv
as a table for programs.
.B viba models fetch
puts one onto this machine; a network that
.B \-\-model\-name
asks for is fetched at its first use as well. With
.B \-\-from
its files come from a folder or an address of the user's choice. A fetch that was interrupted goes on where it ended,
and what is installed already stays until the new files are there and checked.
.B viba models describe
writes how a network is fed, as it stands beside a model file in
.IR FILE .toml;
what the file itself does not tell is marked as a guess.
.B viba models run
writes what a network itself gives for a picture, as NumPy reads it (.npy).
.PP
.B viba bench
measures how fast the pipeline is on this machine: a clip is fed as by a camera, frame for frame as fast as it goes and
then at a camera's pace, and the result is packed as for a fake camera, all in memory. It shows the median, 95th and
99th percentile of each stage, CPU time, latency, memory and allocations, and says what the machine can do.
.PP
.B viba devices
shows every camera and every fake camera (v4l2loopback) with its formats, sizes and rates, and who uses it, and
the cameras of the PipeWire session by the names that
.B \-\-real\-cam\-device
takes. Nothing is set on them, and no camera is switched on.
.PP
.B viba doctor
says whether a call program would see the camera, and for all that is in the way how to do away with it: the kernel
module v4l2loopback, Secure Boot, a free fake camera, the right to open devices, a camera, PipeWire and the camera portal,
ONNX Runtime and the model. It also says which browsers see a camera of PipeWire, and by which switch.
With
.B \-\-fix
it makes a fake camera, now and for every start: it writes
.I /etc/modprobe.d/viba.conf
and
.I /etc/modules\-load.d/viba.conf
(what was in them is kept beside them as
.IR *.saved ),
and loads the module, or adds a device where it is loaded already. It needs root's rights for that, says beforehand
what it will do, and asks, unless
.B \-\-yes
is given.
.SH OPTIONS
)";

constexpr std::string_view kAfter = R"(.SH EXIT STATUS
0 when the source ended, the preview was closed or the program was asked to stop; 2 for wrong usage; 1 for everything
else.
.B viba doctor
ends with 0 only if a call program would see the camera.
.SH FILES
.TP
.IR /etc/modprobe.d/viba.conf ", " /etc/modules\-load.d/viba.conf
Written by
.BR "viba doctor \-\-fix" .
.TP
.I $XDG_DATA_HOME/viba/models\fR, else \fI~/.local/share/viba/models
Models that were fetched.
.TP
.IR MODEL .toml
Beside a model file of the user's: how it is fed. Needed where its graph does not tell.
.SH ENVIRONMENT
.TP
.BR http_proxy ", " https_proxy ", " all_proxy ", " no_proxy
Proxies for fetching models, as libcurl takes them.
.TP
.BR XDG_RUNTIME_DIR ", " PIPEWIRE_RUNTIME_DIR ", " PIPEWIRE_REMOTE
Where the PipeWire session is, as PipeWire takes them.
.SH EXAMPLES
.TP
.B viba \-\-background blur
The camera with an unsharp room, to a free v4l2loopback device and to the PipeWire session.
.TP
.B viba \-\-fake\-cam\-device pipewire:Office
To the PipeWire session alone, where programs list it as Office.
.TP
.B viba \-\-real\-cam\-device clip.mp4 \-\-fake\-cam\-device out.mp4
From file to file, as fast as it goes, without losing a frame.
)";

}  // namespace

std::string man_page() {
  return fmt::format(".TH VIBA 1 \"\" \"viba {}\" \"User Commands\"\n", kVersion) + std::string(kBefore) + options() +
         options_of_bench() + std::string(kAfter);
}

}  // namespace viba::app
