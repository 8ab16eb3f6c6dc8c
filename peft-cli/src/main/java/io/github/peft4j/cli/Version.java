package io.github.peft4j.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest carries. */
final class Version implements IVersionProvider {

    private static final String OF_A_BUILD_TREE = "development";

    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {"peft4j " + Objects.requireNonNullElse(version, OF_A_BUILD_TREE)};
    }
}
