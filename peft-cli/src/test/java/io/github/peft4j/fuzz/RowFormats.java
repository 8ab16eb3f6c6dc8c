package io.github.peft4j.fuzz;

import io.github.peft4j.cli.FuzzedCommands;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.FoundLabels;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows to train on, and prompts. */
final class RowFormats {

    private static final List<String> ROWS = List.of(
            "{\"input_ids\":[3,4,5,6],\"labels\":[-100,-100,5,6]}",
            "{\"text\":\"the cat sat on the mat\"}",
            "{\"prompt\":\"why does\",\"completion\":\" the dog sit?\"}",
            "{\"instruction\":\"say\",\"input\":\"a cat\",\"output\":\"the mat\"}",
            "{\"messages\":[{\"role\":\"system\",\"content\":\"a dog\"},{\"role\":\"user\",\"content\":\"why\"},"
                    + "{\"role\":\"assistant\",\"content\":\"the red tree\"}]}");

    private static final List<String> CSV = List.of(
            "instruction,input,output,note",
            "say,a cat,the mat,1",
            "why,,the dog sit,",
            "\"the \"\"red\"\" tree\",\"a\ncat\",42,\"[1,2]\"");

    private static final List<String> PROMPTS = List.of(
            "{\"prompt\":\"the cat\"}",
            "{\"input_ids\":[3,4,5],\"adapter\":\"one\"}",
            "{\"prompt\":\"a\",\"adapter\":null}");

    private static final List<String> LABELLED = List.of(
            "{\"tokens\":[\"Hello\",\"world\",\"\"],\"tags\":[\"O\",1,-100]}",
            "{\"input_ids\":[3,4],\"labels\":[0,-100],\"label\":1,\"token_type_ids\":[0,0]}",
            "{\"text\":\"Hello\",\"text_pair\":\"world\",\"label\":\"O\"}",
            "{\"text\":\"Hello\",\"label\":[\"O\",\"B-PER\"]}",
            "{\"text\":\"Hello\",\"label\":[0.5,1]}");

    /** Rows of next tokens, and of labels. */
    private record Reading(Lazy<EncodingOptions> options) {

        private static final SequenceHead.Labels NAMES = new SequenceHead.Labels(List.of("O", "B-PER"));

        Format.Target plain() {
            return folder -> Dataset.read(List.of(file(folder)), options.get());
        }

        Format.Target labelled() {
            return folder -> {
                Path rows = file(folder);
                FoundLabels.in(RowSources.of(List.of(rows), RowSources.Options.DEFAULT), true);
                FoundLabels.in(RowSources.of(List.of(rows), RowSources.Options.DEFAULT), false)
                        .outputs();
                EncodingOptions all = options.get();
                read(rows, all.withLabels(EncodingOptions.RowLabels.ofRows(NAMES, true)));
                read(
                        rows,
                        all.withLabels(
                                EncodingOptions.RowLabels.ofTokens(NAMES, true).atEveryPiece()));
            };
        }

        /** Rows of one kind are none of the other, so the files are refused mostly. */
        private static void read(Path rows, EncodingOptions options) throws IOException {
            try {
                Dataset.read(List.of(rows), options);
            } catch (DataException refused) {
                // It is to be read as the other kind as well.
            }
        }
    }

    private RowFormats() {}

    static List<Format> all(Path scratch) throws IOException {
        Mutator rows = line(ROWS);
        Mutator prompts = line(PROMPTS);
        Reading reading = new Reading(options(scratch));
        Set<Class<? extends Exception>> bad = Set.of(DataException.class);
        return List.of(
                new Format(
                        "rows-jsonl",
                        List.of(Sample.of("rows.jsonl", lines(ROWS))),
                        Map.of("rows.jsonl", new LinesMutator(rows)),
                        reading.plain(),
                        bad),
                new Format(
                        "rows-json",
                        List.of(
                                Sample.of("rows.json", lines(ROWS)),
                                Sample.of("rows.json", "[" + String.join(",\n ", ROWS) + "]")),
                        Map.of("rows.json", list(rows)),
                        reading.plain(),
                        bad),
                new Format(
                        "rows-csv",
                        List.of(Sample.of("rows.csv", lines(CSV))),
                        Map.of("rows.csv", new BytesMutator(Integer.MAX_VALUE)),
                        reading.plain(),
                        bad),
                new Format(
                        "rows-labelled",
                        List.of(Sample.of("rows.jsonl", lines(LABELLED))),
                        Map.of("rows.jsonl", new LinesMutator(line(LABELLED))),
                        reading.labelled(),
                        bad),
                new Format(
                        "prompts",
                        List.of(
                                Sample.of("prompts.jsonl", lines(PROMPTS)),
                                Sample.of("prompts.txt", lines(List.of("{\"a\": 1}", "[\"the cat\"]")))),
                        Map.of("prompts.jsonl", new LinesMutator(prompts), "prompts.txt", new LinesMutator(prompts)),
                        folder -> FuzzedCommands.prompts(file(folder)),
                        Set.of(FuzzedCommands.Refused.class)));
    }

    private static Mutator line(List<String> good) {
        List<byte[]> documents =
                good.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        return new JsonMutator(List.of("adapter", "label", "chosen", "tools"), documents)
                .or(new BytesMutator(Integer.MAX_VALUE), 0.1);
    }

    /** Changes lines, or a list as a whole. */
    private static Mutator list(Mutator row) {
        Mutator lines = new LinesMutator(row);
        return (sample, random) -> (sample[0] == '[' ? row : lines).mutate(sample, random);
    }

    private static String lines(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    private static Path file(Path folder) throws IOException {
        return folder.resolve(Sample.of(folder).files().keySet().iterator().next());
    }

    private static Lazy<EncodingOptions> options(Path scratch) throws IOException {
        TokenizerFolders.named("word-level")
                .with("chat_template.jinja", "{% for m in messages %}{{ m.role }} {{ m.content }} </s> {% endfor %}")
                .write(scratch);
        return new Lazy<>(() -> {
            Tokenizer tokenizer = Tokenizer.open(scratch);
            return EncodingOptions.of(tokenizer.size()).withTokenizer(tokenizer, ChatTemplate.open(scratch, tokenizer));
        });
    }
}
