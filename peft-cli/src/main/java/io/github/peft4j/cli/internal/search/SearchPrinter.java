package io.github.peft4j.cli.internal.search;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.training.search.internal.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints what came of each trial: as JSON, or as a row of a table. */
final class SearchPrinter {

    private static final String ROW = "%8s  %12s  %8s  %9s  %s%n";

    private final Console console;
    private final boolean json;
    private final String metric;

    SearchPrinter(Session session, String metric) {
        this.console = session.console();
        this.json = session.json();
        this.metric = metric;
    }

    void begin() {
        console.begin();
        if (!json) {
            console.out().printf(Locale.ROOT, ROW, "trial", metric, "trained", "seconds", "settings");
        }
    }

    void tried(Search.Tried tried) {
        if (json) {
            console.out().println(fields(tried).json());
            return;
        }
        console.clearLine();
        console.out()
                .printf(
                        Locale.ROOT,
                        ROW,
                        tried.number(),
                        tried.value() == null ? "failed" : String.format(Locale.ROOT, "%.5f", tried.value()),
                        String.format(Locale.ROOT, "%.0f %%", 100 * tried.share()),
                        String.format(Locale.ROOT, "%.1f", tried.seconds()),
                        Printable.message(settings(tried.settings())));
        if (tried.problem() != null) {
            console.note("trial " + tried.number() + " failed: " + tried.problem());
        }
    }

    private Fields fields(Search.Tried tried) {
        return Fields.of("trial", tried.number())
                .and("settings", tried.settings())
                .and("metric", metric)
                .and("value", tried.value())
                .and("seconds", tried.seconds())
                .and("share", tried.share())
                .and("problem", tried.problem());
    }

    private static String settings(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    }

    /** The end of it. */
    void done(Search.Outcome outcome, String folder, String again) {
        if (json) {
            console.out()
                    .println(Fields.of("done", true)
                            .and(
                                    "best",
                                    outcome.best()
                                            .map(best -> fields(best).values())
                                            .orElse(null))
                            .and("train", again)
                            .and("output", folder)
                            .json());
            return;
        }
        outcome.best().ifPresent(best -> {
            console.out().println();
            console.out()
                    .print(Fields.of("best", "trial " + best.number() + " of " + folder)
                            .and(metric, best.value())
                            .and("settings", settings(best.settings()))
                            .lines());
            console.out().println();
            console.out().println("To train it again:");
            console.out().println(Printable.text(again));
        });
    }

    /** Arguments as a shell reads them. */
    static String quoted(List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            words.add(
                    argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return String.join(" ", words);
    }
}
