package io.github.peft4j.cli.internal.data;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.training.data.internal.RowSources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How files of rows are read where they do not say it themselves. */
public final class FileOptions {

    @Option(
            names = "--columns",
            paramLabel = "KEY=NAME",
            split = ",",
            description =
                    "What a row calls the values that are wanted, as prompt=question,completion=answer; a.b is b of an"
                            + " object a. Values of other names stay as they are.")
    List<String> columns = new ArrayList<>();

    @Option(
            names = "--delimiter",
            paramLabel = "CHARACTER",
            description =
                    "What separates the values of a line of CSV; \\t is a tab. Default: a comma; a tab in files named"
                            + " .tsv.")
    @Nullable
    String delimiter;

    /**
     * The options.
     *
     * @throws BadInput if one is not valid
     */
    public RowSources.Options read() {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (String column : columns) {
            int equals = column.indexOf('=');
            if (equals < 1 || equals == column.length() - 1) {
                throw new BadInput("--columns: expected KEY=NAME, as prompt=question, got \"" + column + "\"");
            }
            if (byKey.put(column.substring(0, equals), column.substring(equals + 1)) != null) {
                throw new BadInput("--columns names " + column.substring(0, equals) + " twice");
            }
        }
        return new RowSources.Options(separator(), byKey, RowSources.Options.DEFAULT.split());
    }

    private @Nullable Character separator() {
        if (delimiter == null) {
            return null;
        }
        String typed = delimiter.equals("\\t") ? "\t" : delimiter;
        if (typed.length() != 1 || "\"\r\n".contains(typed) || Character.isSurrogate(typed.charAt(0))) {
            throw new BadInput("--delimiter: expected one character, got \"" + delimiter + "\"");
        }
        return typed.charAt(0);
    }
}
