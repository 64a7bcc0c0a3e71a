// SPDX-License-Identifier: MIT
//
// png: a report's charts as an image. Layout is charting's, shared with other serializers.
#include "bourse/plugin.hpp"

#include <array>
#include <string>
#include <utility>

#include "bourse/render.hpp"
#include "plugins/serializers/charting/scene.hpp"
#include "plugins/serializers/png/encode.hpp"
#include "plugins/serializers/png/figure.hpp"
#include "plugins/serializers/png/keep_loaded.hpp"
#include "plugins/serializers/png/memory_pool.hpp"
#include "plugins/serializers/png/paint.hpp"

namespace bourse::png {
namespace {

/// Four bytes each while drawn, as much again while it is packed.
constexpr std::int64_t kPixelsMax = 32'000'000;

constexpr const char* kThemes[] = {"light", "dark", nullptr};

struct Png {
  static constexpr About about{
      .id = "png",
      .title = "PNG image",
      .doc =
          "The charts of a report as one image, with its title, time and notes. A report without "
          "charts becomes a card of its key figures and first rows.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "image/png",
      .suffix = "png"};
  static constexpr std::array params{
      Param("width", BOURSE_TYPE_I64, "Width of the figure.")
          .labelled("Width")
          .with_default("1200")
          .bounds("100", "4000")
          .in("px"),
      Param("height", BOURSE_TYPE_I64, "Height of the figure.")
          .labelled("Height")
          .with_default("800")
          .bounds("100", "4000")
          .in("px"),
      Param("scale", BOURSE_TYPE_F64,
            "Pixels of the image for one of the figure: 2 for dense screens.")
          .labelled("Scale")
          .with_default("1")
          .bounds("0.5", "4"),
      Param("theme", BOURSE_TYPE_TEXT, "Colours.")
          .labelled("Theme")
          .with_default("light")
          .one_of(kThemes)};

  Png() { warm_up_fonts(); }

  void render(const Call& call, const Values& values, ReportView given) const {
    const charting::SceneOptions options{.width = static_cast<double>(values.integer("width")),
                                         .height = static_cast<double>(values.integer("height")),
                                         .scale = values.real("scale"),
                                         .theme = charting::theme_of(values.text("theme")),
                                         .between = [&call] { call.poll(); }};
    require_bounded(size_of(options.width, options.height, options.scale));
    const Known known(given);
    const charting::Scene scene = figure_of(known.report().wire(), options);
    call.poll();
    Image image = paint(scene, options.scale, pool_.take(), options.between);
    call.poll();
    const std::string file =
        encode(image, {.title = scene.title, .description = scene.description()});
    pool_.give(std::move(image.bytes));
    call.write(file);
  }

 private:
  static void require_bounded(Size size) {
    const std::int64_t pixels = std::int64_t{size.width} * size.height;
    if (pixels <= kPixelsMax) return;
    throw Error(BOURSE_BAD_PARAM, "image_too_large",
                "width x scale by height x scale is " + std::to_string(pixels) +
                    " pixels, and at most " + std::to_string(kPixelsMax) +
                    " are drawn: ask for a smaller scale, width or height")
        .blame("scale");
  }

  mutable MemoryPool pool_;
};

}  // namespace

constexpr PluginInfo kInfo{
    .name = "bourse.png", .version = "0.1.0", .init = [](Host, Call&) { keep_loaded(); }};

}  // namespace bourse::png

BOURSE_PLUGIN_WITH(bourse::png::kInfo, bourse::png::Png)
