package io.github.peft4j.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the parser of the command line complains of, in one line with a hint. */
final class UsageErrors {

    /** Names that differ in more than this share of their letters are no hint. */
    private static final double FARTHEST = 0.5;

    private UsageErrors() {}

    static String message(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String help = " (" + command.getCommandSpec().qualifiedName() + " --help)";
        if (e.getCause() instanceof BadInput input) {
            return input.getMessage() + help;
        }
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched.getUnmatched(), command) + help;
        }
        if (e instanceof MissingParameterException missing) {
            return missing(missing.getMissing()) + help;
        }
        ArgSpec argument = e.getArgSpec();
        if (argument != null && e.getValue() != null) {
            return named(argument) + expected(argument.type(), argument.auxiliaryTypes()) + ", got \"" + e.getValue()
                    + "\"" + help;
        }
        if (e instanceof OverwrittenOptionException twice) {
            return named(twice.getOverwritten()) + " is given more than once" + help;
        }
        return e.getMessage() + help;
    }

    private static String missing(List<ArgSpec> arguments) {
        if (arguments.size() == 1 && arguments.get(0) instanceof OptionSpec option) {
            return option.longestName() + " needs a value: " + option.paramLabel();
        }
        return "missing " + arguments.stream().map(UsageErrors::named).collect(Collectors.joining(", "));
    }

    private static String named(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String expected(Class<?> type, Class<?>[] elements) {
        Class<?> one = elements.length > 0 ? elements[0] : type;
        if (one == int.class || one == Integer.class || one == long.class || one == Long.class) {
            return " must be a whole number";
        }
        if (one == double.class || one == Double.class) {
            return " must be a number";
        }
        return one == boolean.class || one == Boolean.class ? " takes no value" : " cannot be this";
    }

    private static String unmatched(List<String> arguments, CommandLine command) {
        String argument = arguments.get(0);
        if (!argument.startsWith("-")) {
            return command.getParent() == null
                    ? "unknown command \"" + argument + "\"" + hint(argument, Commands.names())
                    : "unexpected argument \"" + argument + "\": this command takes "
                            + (command.getCommandSpec().positionalParameters().isEmpty() ? "options only" : "no more");
        }
        int value = argument.indexOf('=');
        String name = value < 0 ? argument : argument.substring(0, value);
        List<String> known =
                new ArrayList<>(command.getCommandSpec().optionsMap().keySet());
        return "unknown option " + name + hint(name, known);
    }

    static String hint(String name, List<String> known) {
        String nearest = nearest(name, known);
        return nearest == null ? ": expected one of " + String.join(", ", known) : ": did you mean " + nearest + "?";
    }

    private static @Nullable String nearest(String name, List<String> known) {
        String lower = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(k -> k.length() > 2)
                .min(Comparator.comparingInt(k -> distance(lower, k)))
                .filter(k -> distance(lower, k) <= FARTHEST * Math.max(lower.length(), k.length()))
                .orElse(null);
    }

    /** Levenshtein's: insertions, deletions and exchanges of one letter. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
