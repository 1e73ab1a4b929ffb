//! Lines over numbers, as SVG: what the documentation shows of measurements.

use std::path::{Path, PathBuf};

use plotters::prelude::*;

/// Told apart also by who sees few colours (Okabe and Ito, "Color Universal Design", 2008).
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

/// A named line through its points.
pub(crate) type Line<'a> = (&'a str, Vec<(f64, f64)>);

/// What a plot shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot<'a> {
    /// Stands above it.
    pub(crate) title: &'a str,
    /// What goes to the right, with its unit.
    pub(crate) across: &'a str,
    /// What goes up, with its unit.
    pub(crate) up: &'a str,
}

/// Where plots go if somebody wants them: the folder in `COURIER_PLOTS`.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("COURIER_PLOTS").map(PathBuf::from)
}

impl Plot<'_> {
    /// Writes it as `NAME.svg`, both axes from zero, and makes the folder if it is missing.
    pub(crate) fn save(
        &self,
        folder: &Path,
        name: &str,
        lines: &[Line<'_>],
    ) -> Result<(), Box<dyn std::error::Error>> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(name).with_extension("svg");
        let root = SVGBackend::new(&path, (720, 360)).into_drawing_area();
        root.fill(&WHITE)?;
        let most = |of: fn(&(f64, f64)) -> f64| {
            lines.iter().flat_map(|(_, points)| points).map(of).fold(0.0, f64::max)
        };
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..most(|point| point.0), 0.0..most(|point| point.1) * 1.1)?;
        chart.configure_mesh().x_desc(self.across).y_desc(self.up).light_line_style(WHITE).draw()?;
        for ((name, points), colour) in lines.iter().zip(COLOURS) {
            let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
            chart
                .draw_series(line)?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        }
        chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw()?;
        Ok(root.present()?)
    }
}
