package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.option.OtherNames;
import io.github.peft4j.core.internal.pattern.NearestNames;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the parser of the command line complains of, in one line with a hint. */
final class UsageErrors {

    private static final Pattern NUMBER = Pattern.compile("-[0-9.]+");

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
        List<String> options = arguments.stream()
                .filter(argument ->
                        argument.startsWith("-") && !NUMBER.matcher(argument).matches())
                .toList();
        if (options.size() == 1) {
            String hint = optionHint(name(options.get(0)), command);
            return "unknown option " + name(options.get(0)) + (hint.isEmpty() ? "" : ": " + hint);
        }
        if (!options.isEmpty()) {
            return options.stream()
                    .map(option -> name(option) + inBrackets(optionHint(name(option), command)))
                    .collect(Collectors.joining(", ", "unknown options ", ""));
        }
        String argument = arguments.get(0);
        return command.getParent() == null
                ? "unknown command \"" + argument + "\"" + commandHint(argument)
                : "unexpected argument \"" + argument + "\": this command takes "
                        + (command.getCommandSpec().positionalParameters().isEmpty() ? "options only" : "no more");
    }

    private static String name(String option) {
        return option.split("=", 2)[0];
    }

    private static String inBrackets(String hint) {
        return hint.isEmpty() ? "" : " (" + hint + ")";
    }

    private static String optionHint(String option, CommandLine command) {
        Set<String> known = command.getCommandSpec().optionsMap().keySet();
        String other = OtherNames.option(option, known);
        return other == null ? NearestNames.question(option, known) : meant(other);
    }

    private static String commandHint(String name) {
        String other = OtherNames.command(name);
        String hint = other == null ? NearestNames.question(name, Commands.names()) : meant(other);
        return ": " + (hint.isEmpty() ? "expected one of " + String.join(", ", Commands.names()) : hint);
    }

    private static String meant(String name) {
        return "did you mean " + name + "?";
    }
}
