package io.github.peft4j.cli.internal.search;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.training.search.internal.Search;
import io.github.peft4j.training.search.internal.SearchSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is searched, and how. */
final class SearchOptions {

    @Option(
            names = "--over",
            paramLabel = "NAME=VALUES",
            description =
                    "What to search over, repeatable: an option of train without its dashes, or set.KEY for a setting of the"
                            + " method. VALUES are A,B,C; A|B|C where they have commas in them; or a range LOW:HIGH, or"
                            + " LOW:HIGH:log in which equal ratios count alike, of which a grid takes five points.")
    List<String> over = new ArrayList<>();

    @Option(
            names = "--trials",
            paramLabel = "N",
            description = "Draw N trials at random. Default: every combination of the values, a grid.")
    @Nullable
    Integer trials;

    @Option(
            names = "--halving",
            paramLabel = "F",
            description =
                    "Successive halving: train all trials a little, the best 1/F of them F times as long, and so on to"
                            + " the whole training. Default: train all wholly.")
    @Nullable
    Integer halving;

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "What decides: loss, or a metric that eval tells. Default: loss.")
    String metric = "loss";

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description =
                    "The folder for search.jsonl (what was found), search.html (a page of it) and best/ (the best adapter). Must be"
                            + " new or empty, but for --resume.")
    @Nullable
    Path output;

    @Option(names = "--resume", description = "Go on with the search in the output folder.")
    boolean resume;

    Given.Needed<Path> neededOutput() {
        return new Given.Needed<>(output, "--output", "a new folder for what is found");
    }

    Given.Needed<List<String>> neededOver() {
        return new Given.Needed<>(over.isEmpty() ? null : over, "--over", "a setting to search over and its values");
    }

    /** The folder, after it was found fit. */
    OutputFolder folder() {
        Path folder = neededOutput().required();
        return resume ? OutputFolder.toResume(folder) : OutputFolder.fresh(folder, "; or go on with --resume");
    }

    /**
     * The values by name.
     *
     * @throws BadInput if one is not given as such
     */
    Map<String, String> choices() {
        Map<String, String> choices = new LinkedHashMap<>();
        for (String each : over) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                throw new BadInput("--over must be NAME=VALUES, got \"" + each + "\"");
            }
            if (choices.put(each.substring(0, equals).strip(), each.substring(equals + 1)) != null) {
                throw new BadInput("--over names " + each.substring(0, equals) + " twice");
            }
        }
        return choices;
    }

    /**
     * The search.
     *
     * @throws BadInput if numbers are out of range
     */
    Search search(SearchSpace space, long seed) {
        Given.atLeast(1, trials, "--trials");
        Given.atLeast(2, halving, "--halving");
        return BadInput.when(() -> {
            Search search = trials == null ? Search.grid(space) : Search.random(space, trials, seed);
            return halving == null ? search : search.halving(halving);
        });
    }
}
