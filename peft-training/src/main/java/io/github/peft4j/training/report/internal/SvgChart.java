package io.github.peft4j.training.report.internal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A picture of curves, with a text that tells those who cannot see it what is in it. */
public final class SvgChart {

    private static final int WIDTH = 480;
    private static final int HEIGHT = 260;
    private static final int LEFT = 62;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 38;

    /** More cannot be told apart in a picture of this width. */
    private static final int MOST_POINTS = 800;

    private static final int MOST_MARKS = 60;

    /** Colours there are; {@code page.css} has them. */
    public static final int COLOURS = 7;

    private final String id;
    private final String title;
    private final String across;
    private final List<Line> lines = new ArrayList<>();
    private boolean logarithmic;

    /**
     * One curve of a picture.
     *
     * @param colour from 0 to {@link #COLOURS} - 1
     * @param marked whether each point is marked; else they are only joined
     * @param joined whether points are joined
     */
    private record Line(String name, Curve curve, int colour, boolean marked, boolean joined) {}

    /**
     * A picture without curves.
     *
     * @param id a word that no other picture of the page has
     * @param across what the numbers from left to right are
     */
    public SvgChart(String id, String title, String across) {
        this.id = id;
        this.title = title;
        this.across = across;
    }

    /** Whether equal distances from left to right are equal ratios, if all numbers allow it. */
    public SvgChart logarithmic(boolean yes) {
        logarithmic = yes;
        return this;
    }

    /** Adds a curve whose points are joined, unless it is empty. */
    public SvgChart line(String name, Curve curve, int colour) {
        return add(new Line(name, curve, colour, false, true));
    }

    /** Adds a curve whose points are joined and marked, unless it is empty. */
    public SvgChart marked(String name, Curve curve, int colour) {
        return add(new Line(name, curve, colour, true, true));
    }

    /** Adds points, unless there are none. */
    public SvgChart points(String name, Curve curve, int colour) {
        return add(new Line(name, curve, colour, true, false));
    }

    private SvgChart add(Line line) {
        if (!line.curve.isEmpty()) {
            lines.add(line);
        }
        return this;
    }

    /** Whether there is nothing to see. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    void draw(Html html) {
        List<Double> all =
                lines.stream().flatMap(line -> line.curve.x().stream()).toList();
        boolean ratios = logarithmic && all.stream().allMatch(number -> number > 0);
        Axis x = Axis.of(all, LEFT, WIDTH - RIGHT, ratios);
        Axis y = Axis.of(lines.stream().flatMap(line -> line.curve.y().stream()).toList(), HEIGHT - BOTTOM, TOP, false);
        html.open("figure").leaf("figcaption", title);
        html.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-desc");
        html.leaf("title", title, "id", id + "-title").leaf("desc", description(), "id", id + "-desc");
        grid(html, x, y);
        lines.forEach(line -> draw(html, line, x, y));
        html.close();
        legend(html);
        html.close();
    }

    private String description() {
        StringBuilder text = new StringBuilder("From left to right: " + across + ".");
        for (Line line : lines) {
            List<Double> values = line.curve.y();
            int last = values.size() - 1;
            double low = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
            double high = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
            text.append(' ')
                    .append(line.name)
                    .append(": ")
                    .append(values.size())
                    .append(" points");
            if (line.joined) {
                text.append(", from ")
                        .append(Page.number(values.get(0)))
                        .append(" to ")
                        .append(Page.number(values.get(last)));
            }
            text.append(", lowest ").append(Page.number(low));
            text.append(", highest ").append(Page.number(high)).append('.');
        }
        return text.toString();
    }

    private void grid(Html html, Axis x, Axis y) {
        for (double tick : y.ticks()) {
            String place = place(y.place(tick));
            html.empty("line", "class", "grid", "x1", "" + LEFT, "x2", "" + (WIDTH - RIGHT), "y1", place, "y2", place);
            html.leaf(
                    "text",
                    Page.number(tick),
                    "x",
                    "" + (LEFT - 6),
                    "y",
                    place(y.place(tick) + 4),
                    "text-anchor",
                    "end");
        }
        int floor = HEIGHT - BOTTOM;
        html.empty(
                "line",
                "class",
                "grid",
                "x1",
                "" + LEFT,
                "x2",
                "" + (WIDTH - RIGHT),
                "y1",
                "" + floor,
                "y2",
                "" + floor);
        for (double tick : x.ticks()) {
            String place = place(x.place(tick));
            html.empty("line", "class", "grid", "x1", place, "x2", place, "y1", "" + floor, "y2", "" + (floor + 4));
            html.leaf("text", Page.number(tick), "x", place, "y", "" + (floor + 16), "text-anchor", "middle");
        }
        html.leaf(
                "text", across, "x", "" + (LEFT + WIDTH - RIGHT) / 2, "y", "" + (HEIGHT - 4), "text-anchor", "middle");
    }

    private static void draw(Html html, Line line, Axis x, Axis y) {
        Curve seen = line.joined ? line.curve.thinned(MOST_POINTS) : line.curve;
        if (line.joined) {
            StringBuilder places = new StringBuilder();
            for (int i = 0; i < seen.size(); i++) {
                places.append(i == 0 ? "" : " ")
                        .append(place(x.place(seen.x().get(i))))
                        .append(',')
                        .append(place(y.place(seen.y().get(i))));
            }
            html.empty("polyline", "class", "s" + line.colour, "points", places.toString());
        }
        // Marks that overlap hide the line, and a line of one point is not seen.
        boolean marks = line.marked ? !line.joined || seen.size() <= MOST_MARKS : seen.size() == 1;
        for (int i = 0; i < seen.size() && marks; i++) {
            html.empty(
                    "circle",
                    "class",
                    "s" + line.colour,
                    "cx",
                    place(x.place(seen.x().get(i))),
                    "cy",
                    place(y.place(seen.y().get(i))),
                    "r",
                    "3");
        }
    }

    private void legend(Html html) {
        html.open("ul", "class", "legend");
        for (Line line : lines) {
            html.open("li").open("svg", "viewBox", "0 0 26 12", "aria-hidden", "true");
            String colour = "s" + line.colour;
            if (line.joined) {
                html.empty("polyline", "class", colour, "points", "0,6 26,6");
            }
            if (line.marked) {
                html.empty("circle", "class", colour, "cx", "13", "cy", "6", "r", "3");
            }
            html.close().leaf("span", line.name).close();
        }
        html.close();
    }

    /** A tenth of a unit is less than a pixel. */
    private static String place(double value) {
        return BigDecimal.valueOf(value)
                .setScale(1, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The pictures among some that show something. */
    public static List<SvgChart> seen(SvgChart... charts) {
        return Stream.of(charts).filter(chart -> !chart.isEmpty()).toList();
    }
}
