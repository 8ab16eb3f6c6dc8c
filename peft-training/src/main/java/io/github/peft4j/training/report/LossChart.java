package io.github.peft4j.training.report;

import io.github.peft4j.training.report.internal.Curve;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.util.Locale;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The drawing of {@link LossCurve}; all that touches the optional library is here. */
final class LossChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;

    private static final int LABELS = 12;

    private static final Color RAW = new Color(0xB8, 0xCC, 0xE4);
    private static final Color SMOOTH = new Color(0x1F, 0x4E, 0x9C);
    private static final Color EVALUATION = new Color(0xD6, 0x5F, 0x0E);
    private static final Color GRID = new Color(0xE6, 0xE6, 0xE6);

    private LossChart() {}

    /** The picture as a PNG file's bytes. */
    static byte[] png(Curve losses, Curve evaluations) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Training loss")
                .xAxisTitle("optimizer step")
                .yAxisTitle("negative log-likelihood per token (nats)")
                .build();
        // Numbers as everywhere else in what is written, whatever the JVM's locale.
        chart.getStyler().setLocale(Locale.ROOT);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotGridLinesColor(GRID);
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        chart.getStyler().setXAxisMaxLabelCount(LABELS);
        chart.getStyler().setYAxisDecimalPattern("0.0##");
        curve(chart, "each step", losses, RAW, 1.5f, SeriesMarkers.NONE);
        curve(chart, "smoothed", losses.smoothed(), SMOOTH, 2.5f, SeriesMarkers.NONE);
        if (!evaluations.isEmpty()) {
            curve(chart, "held out", evaluations, EVALUATION, 1.5f, SeriesMarkers.CIRCLE);
        }
        return ChartEncoder.getBytes(chart, "png");
    }

    private static void curve(XYChart chart, String name, Curve curve, Color color, float width, Marker marker) {
        XYSeries series = chart.addSeries(name, curve.x(), curve.y());
        series.setMarker(marker).setMarkerColor(color).setLineColor(color);
        series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }
}
