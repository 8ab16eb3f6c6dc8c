package io.github.peft4j.training.search.internal;

import io.github.peft4j.training.report.internal.Curve;
import io.github.peft4j.training.report.internal.Page;
import io.github.peft4j.training.report.internal.SvgChart;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The page of a search.
 *
 * @param plan what is searched, as text by name
 * @param metric that decides
 * @param ranking by it
 * @param over the settings that are searched over
 * @param logarithmic in which of them equal ratios count alike
 * @param again what trains settings again, or an empty text
 */
public record SearchPage(
        Map<String, String> plan,
        String metric,
        Ranking ranking,
        List<String> over,
        Predicate<String> logarithmic,
        Function<Map<String, String>, String> again) {

    /** What is trained wholly has the first; the pale one is for what is of less importance. */
    private static final int[] COLOURS = {0, 2, 3, 4, 5, 6};

    /** Writes it. */
    public void write(Path file, List<Search.Tried> tried, int trials) {
        List<Search.Tried> whole =
                tried.stream().filter(each -> each.share() == 1).toList();
        List<Search.Tried> best = ranking.best(whole, 1);
        Page page = new Page(
                "Search: " + plan.getOrDefault("model", "settings of a training"),
                List.of(
                        trials + " trials, " + tried.size() + " trainings so far, "
                                + Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        "by " + metric + ", " + (ranking.lessIsBetter() ? "less" : "more") + " is better"));
        page.section("best", "Best");
        if (best.isEmpty()) {
            page.note("No trial has been trained wholly yet.");
        }
        for (Search.Tried one : best) {
            Map<String, String> facts = new LinkedHashMap<>(one.settings());
            one.numbers().forEach((name, value) -> facts.put(name, Page.number(value)));
            page.facts(facts);
            String line = again.apply(one.settings());
            if (!line.isEmpty()) {
                page.note("To train it again:").code(line);
            }
        }
        charts(page, tried);
        values(page, whole);
        table(page, tried);
        page.section("plan", "Plan");
        page.table(
                "What the search depends on",
                List.of("setting", "value"),
                plan.entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), entry.getValue()))
                        .toList());
        page.write(file);
    }

    private void charts(Page page, List<Search.Tried> tried) {
        List<SvgChart> charts = new ArrayList<>();
        Map<Double, List<Search.Tried>> byShare = tried.stream()
                .filter(each -> each.value() != null)
                .collect(Collectors.groupingBy(Search.Tried::share, TreeMap::new, Collectors.toList()));
        for (String name : over) {
            SvgChart chart = new SvgChart("chart-" + charts.size(), metric + " by " + name, name)
                    .logarithmic(logarithmic.test(name));
            int colour = byShare.size();
            for (Map.Entry<Double, List<Search.Tried>> each : byShare.entrySet()) {
                Curve points = new Curve();
                each.getValue()
                        .forEach(one -> points.add(
                                number(one.settings().get(name)), one.numbers().getOrDefault(metric, Double.NaN)));
                chart.points(label(each.getKey()), points, COLOURS[--colour % COLOURS.length]);
            }
            if (!chart.isEmpty()) {
                charts.add(chart);
            }
        }
        if (!charts.isEmpty()) {
            page.section("charts", "Outcome by setting").charts(charts);
        }
    }

    private static String label(double share) {
        return share == 1 ? "trained wholly" : "after " + percentage(share) + " of the training";
    }

    private static String percentage(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    /** Not a number for a word. */
    private static double number(@Nullable String text) {
        try {
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Settings that are words have no picture, but their best and middle values can be compared. */
    private void values(Page page, List<Search.Tried> whole) {
        List<List<String>> rows = new ArrayList<>();
        for (String name : over) {
            Map<String, List<Search.Tried>> byValue = whole.stream()
                    .filter(each -> each.value() != null
                            && Double.isNaN(number(each.settings().get(name))))
                    .filter(each -> each.settings().containsKey(name))
                    .collect(Collectors.groupingBy(
                            each -> each.settings().getOrDefault(name, ""), LinkedHashMap::new, Collectors.toList()));
            byValue.forEach((value, all) -> {
                List<Search.Tried> sorted = ranking.best(all, all.size());
                rows.add(List.of(
                        name + " = " + value,
                        String.valueOf(all.size()),
                        Page.number(sorted.get(0).numbers().getOrDefault(metric, Double.NaN)),
                        Page.number(sorted.get(sorted.size() / 2).numbers().getOrDefault(metric, Double.NaN))));
            });
        }
        if (!rows.isEmpty()) {
            page.section("values", "Outcome by choice");
            page.table(
                    "Of trials that were trained wholly",
                    List.of("choice", "trials", "best " + metric, "median " + metric),
                    rows);
        }
    }

    private void table(Page page, List<Search.Tried> tried) {
        List<String> heads = new ArrayList<>(List.of("trial", metric, "trained"));
        heads.addAll(over);
        heads.addAll(List.of("seconds", "problem"));
        List<Search.Tried> order = new ArrayList<>(ranking.best(tried, tried.size()));
        order.sort((one, other) -> Double.compare(other.share(), one.share()));
        tried.stream().filter(each -> each.value() == null).forEach(order::add);
        page.section("trials", "Trials");
        page.table(
                "The best first, by how far they were trained",
                heads,
                order.stream()
                        .map(each -> {
                            List<String> row = new ArrayList<>(List.of(
                                    String.valueOf(each.number()),
                                    Page.number(each.value() == null ? Double.NaN : each.value()),
                                    percentage(each.share())));
                            over.forEach(name -> row.add(each.settings().getOrDefault(name, "-")));
                            row.add(Page.number(each.seconds()));
                            row.add(each.problem() == null ? "" : each.problem());
                            return row;
                        })
                        .toList());
    }
}
