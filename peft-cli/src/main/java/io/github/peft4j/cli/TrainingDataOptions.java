package io.github.peft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.LabelledRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is trained on. */
final class TrainingDataOptions {

    @Option(names = "--data", paramLabel = "FILE", description = "Rows to train on, repeatable.")
    List<Path> files = new ArrayList<>();

    @Option(names = "--eval-data", paramLabel = "FILE", description = "Held-out rows to evaluate on.")
    @Nullable
    Path evalData;

    @Option(names = "--eval-every", paramLabel = "N", description = "Evaluate every N steps, besides at the end.")
    long evalEvery;

    @Option(names = "--no-shuffle", description = "Take the rows in their order in every pass.")
    boolean noShuffle;

    @Option(
            names = "--no-packing",
            description = "Pad the rows of a batch to the longest as Hugging Face does: the same numbers, slower.")
    boolean noPacking;

    long evaluateEvery() {
        Given.atLeast(0, evalEvery, "--eval-every");
        Given.needs(evalEvery > 0, "--eval-every", evalData != null, "--eval-data");
        return evalEvery;
    }

    TrainingData read(ModelLocation model, Console console) throws IOException {
        if (files.isEmpty()) {
            throw new BadInput("missing --data: expected a file of rows to train on");
        }
        return new TrainingData(rows(files), evalData == null ? null : rows(List.of(evalData)));
    }

    private static LabelledRows rows(List<Path> files) throws IOException {
        List<int[]> ids = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                JsonNode node = new ObjectMapper().readTree(line);
                ids.add(array(node.get("input_ids")));
                labels.add(array(node.get("labels")));
            }
        }
        return new LabelledRows(ids, labels);
    }

    private static int[] array(JsonNode node) {
        int[] values = new int[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asInt();
        }
        return values;
    }
}
