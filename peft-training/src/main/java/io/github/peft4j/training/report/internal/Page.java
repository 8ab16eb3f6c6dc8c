package io.github.peft4j.training.report.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A page that needs nothing but itself: one file, no script, and a policy by which a browser loads nothing and takes no other style than ours.
 * Light or dark as the reader's system is, readable on a telephone and on paper.
 */
public final class Page {

    private static final String SHEET = sheet();

    private static final int DIGITS = 5;

    private final Html html = new Html();
    private boolean inSection;

    /**
     * Begins a page.
     *
     * @param title what it is about
     * @param lines what stands below it
     */
    public Page(String title, List<String> lines) {
        html.open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml");
        html.open("head").empty("meta", "charset", "utf-8");
        html.empty("meta", "http-equiv", "Content-Security-Policy", "content", policy());
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.empty("meta", "name", "robots", "content", "noindex");
        html.leaf("title", title).style(SHEET).close();
        html.open("body").open("main").open("header").leaf("h1", title);
        lines.forEach(line -> html.leaf("p", line));
        html.close();
    }

    private static String sheet() {
        try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream("page.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String policy() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(SHEET.getBytes(StandardCharsets.UTF_8));
            return "default-src 'none'; style-src 'sha256-"
                    + Base64.getEncoder().encodeToString(digest) + "'; base-uri 'none'; form-action 'none'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Begins a section, which goes on to the next one.
     *
     * @param id which no other element of the page has
     */
    public Page section(String id, String heading) {
        endSection();
        html.open("section", "aria-labelledby", id).leaf("h2", heading, "id", id);
        inSection = true;
        return this;
    }

    private void endSection() {
        if (inSection) {
            html.close();
            inSection = false;
        }
    }

    /** A paragraph. */
    public Page note(String text) {
        html.leaf("p", text, "class", "note");
        return this;
    }

    /** Lines to copy. */
    public Page code(String text) {
        html.open("pre", "tabindex", "0").leaf("code", text).close();
        return this;
    }

    /** Names and what they are. */
    public Page facts(Map<String, String> facts) {
        html.open("dl");
        facts.forEach((name, value) ->
                html.open("div").leaf("dt", name).leaf("dd", value).close());
        html.close();
        return this;
    }

    /** Pictures, side by side where there is room. */
    public Page charts(List<SvgChart> charts) {
        html.open("div", "class", "charts");
        charts.forEach(chart -> chart.draw(html));
        html.close();
        return this;
    }

    /** A table; the first cell of each row names it. */
    public Page table(String caption, List<String> heads, List<List<String>> rows) {
        table(caption, heads);
        for (List<String> row : rows) {
            html.open("tr").leaf("th", row.get(0), "scope", "row");
            row.subList(1, row.size()).forEach(cell -> html.leaf("td", cell));
            html.close();
        }
        endTable();
        return this;
    }

    /**
     * A table of how often each class was taken for which, shaded by its share of the row.
     *
     * @param counts of the class in row i, which was taken for that in column j
     */
    public Page confusion(String caption, List<String> classes, List<List<Long>> counts) {
        List<String> heads = new ArrayList<>(List.of("is \\ taken for"));
        heads.addAll(classes);
        table(caption, heads);
        for (int row = 0; row < counts.size(); row++) {
            html.open("tr").leaf("th", classes.get(row), "scope", "row");
            long all = counts.get(row).stream().mapToLong(Long::longValue).sum();
            for (int column = 0; column < counts.get(row).size(); column++) {
                long count = counts.get(row).get(column);
                long shade = all == 0 ? 0 : Math.round(5.0 * count / all);
                html.leaf("td", String.valueOf(count), "class", (row == column ? "right" : "wrong") + shade);
            }
            html.close();
        }
        endTable();
        return this;
    }

    /** A wide table moves within its own frame, also by the keyboard. */
    private void table(String caption, List<String> heads) {
        html.open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", caption);
        html.open("table").leaf("caption", caption).open("thead").open("tr");
        heads.forEach(head -> html.leaf("th", head, "scope", "col"));
        html.close().close().open("tbody");
    }

    private void endTable() {
        html.close().close().close();
    }

    /**
     * Ends the page and writes it, in place of what is there, as a whole or not at all. The thread stays interrupted if it is.
     *
     * @throws UncheckedIOException if that fails; what was there stays
     */
    public void write(Path file) {
        endSection();
        html.close().close().close();
        byte[] page = ("<!DOCTYPE html>\n" + html).getBytes(StandardCharsets.UTF_8);
        ReportFile.write(file, () -> page);
    }

    /** A number as people read it: five digits that count, {@code -} if it is none. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "-" : value > 0 ? "infinite" : "minus infinite";
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(DIGITS)).stripTrailingZeros();
        int magnitude = rounded.precision() - rounded.scale();
        return rounded.signum() == 0
                ? "0"
                : magnitude > -4 && magnitude < 10
                        ? rounded.toPlainString()
                        : rounded.toString().replace("E", "e").replace("e+", "e");
    }
}
