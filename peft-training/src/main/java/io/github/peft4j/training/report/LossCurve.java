package io.github.peft4j.training.report;

import io.github.peft4j.models.checkpoint.AtomicWrite;
import io.github.peft4j.training.EvaluationReport;
import io.github.peft4j.training.LogEntry;
import io.github.peft4j.training.SavedReport;
import io.github.peft4j.training.StepReport;
import io.github.peft4j.training.TrainingListener;
import io.github.peft4j.training.TrainingResult;
import io.github.peft4j.training.TrainingStart;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A picture (PNG) of the loss over the steps: as it was, smoothed, and on held-out data where that was evaluated. Drawn at each
 * checkpoint and at the end; a run that goes on from a checkpoint draws what was before too. Needs the library
 * {@code org.knowm.xchart:xchart} and no display.
 */
public final class LossCurve implements TrainingListener {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;

    /** Weight of the past in the smoothed curve; TensorBoard's slider has the same meaning. */
    private static final double SMOOTHING = 0.9;

    private static final Color RAW = new Color(0xB8, 0xCC, 0xE4);
    private static final Color SMOOTH = new Color(0x1F, 0x4E, 0x9C);
    private static final Color EVALUATION = new Color(0xD6, 0x5F, 0x0E);

    private final Path file;
    private final List<Double> steps = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> evaluatedAt = new ArrayList<>();
    private final List<Double> evaluated = new ArrayList<>();

    /**
     * Writes this file.
     *
     * @throws IllegalStateException if the library is not there
     */
    public LossCurve(Path file) {
        OptionalLibrary.require("org.knowm.xchart.XYChart", "org.knowm.xchart:xchart", LossCurve.class);
        this.file = file;
    }

    @Override
    public void started(TrainingStart start) {
        for (LogEntry entry : start.history()) {
            entry.value("loss").ifPresent(loss -> add(steps, losses, entry.step(), loss));
            entry.value("eval_loss").ifPresent(loss -> add(evaluatedAt, evaluated, entry.step(), loss));
        }
    }

    @Override
    public void step(StepReport report) {
        add(steps, losses, report.step(), report.loss());
    }

    @Override
    public void evaluated(EvaluationReport report) {
        add(evaluatedAt, evaluated, report.step(), report.result().nll());
    }

    private static void add(List<Double> at, List<Double> values, long step, double value) {
        if (Double.isFinite(value)) {
            at.add((double) step);
            values.add(value);
        }
    }

    @Override
    public void saved(SavedReport report) {
        draw();
    }

    @Override
    public void finished(TrainingResult result) {
        draw();
    }

    private void draw() {
        if (steps.isEmpty()) {
            return;
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        boolean interrupted = Thread.interrupted();
        try {
            BitmapEncoder.saveBitmap(chart(), png, BitmapEncoder.BitmapFormat.PNG);
            AtomicWrite.toFile(file, channel -> {
                ByteBuffer bytes = ByteBuffer.wrap(png.toByteArray());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // A channel fails on an interrupted thread, and the picture of an interrupted run is wanted too.
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private XYChart chart() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Training loss")
                .xAxisTitle("optimizer step")
                .yAxisTitle("negative log-likelihood per token (nats)")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotGridLinesColor(new Color(0xE6, 0xE6, 0xE6));
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        chart.getStyler().setYAxisDecimalPattern("0.0##");
        line(chart, "each step", losses, RAW, 1f);
        line(chart, "smoothed", smoothed(losses), SMOOTH, 2.5f);
        if (!evaluated.isEmpty()) {
            XYSeries series = chart.addSeries("held out", evaluatedAt, evaluated);
            series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(EVALUATION).setLineColor(EVALUATION);
        }
        return chart;
    }

    private void line(XYChart chart, String name, List<Double> values, Color color, float width) {
        XYSeries series = chart.addSeries(name, steps, values);
        series.setMarker(SeriesMarkers.NONE).setLineColor(color);
        series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    /** An exponential moving average without the pull of a start at zero. */
    static List<Double> smoothed(List<Double> values) {
        List<Double> smooth = new ArrayList<>();
        double sum = 0;
        double weight = 0;
        for (double value : values) {
            sum = SMOOTHING * sum + (1 - SMOOTHING) * value;
            weight = SMOOTHING * weight + (1 - SMOOTHING);
            smooth.add(sum / weight);
        }
        return smooth;
    }
}
