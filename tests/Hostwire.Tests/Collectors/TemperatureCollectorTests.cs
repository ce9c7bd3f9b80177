using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class TemperatureCollectorTests
{
    [Fact]
    public void Sensors_of_chips_and_zones_are_read_in_degrees_with_their_limits() =>
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["hw.temperature{hw.id=hwmon0/temp1,hw.name=acpitz temp1}"] = 16.8,
                ["hw.temperature.limit{hw.id=hwmon0/temp1,hw.limit_type=high.critical,hw.name=acpitz temp1}"] = 20.8,
                ["hw.temperature{hw.id=hwmon1/temp1,hw.name=nvme Composite}"] = 37.85,
                ["hw.temperature.limit{hw.id=hwmon1/temp1,hw.limit_type=high.critical,hw.name=nvme Composite}"] = 84.85,
                ["hw.temperature{hw.id=hwmon1/temp2,hw.name=nvme Sensor 1}"] = 41.85,
                ["hw.temperature{hw.id=hwmon2/temp1,hw.name=coretemp Package id 0}"] = 51,
                ["hw.temperature.limit{hw.id=hwmon2/temp1,hw.limit_type=high.critical,hw.name=coretemp Package id 0}"] = 100,
                ["hw.temperature{hw.id=hwmon2/temp2,hw.name=coretemp Core 0}"] = 49,
                ["hw.temperature.limit{hw.id=hwmon2/temp2,hw.limit_type=high.critical,hw.name=coretemp Core 0}"] = 100,
                ["hw.temperature{hw.id=hwmon3/temp1,hw.name=coretemp Package id 1}"] = 53,
                ["hw.temperature.limit{hw.id=hwmon3/temp1,hw.limit_type=high.critical,hw.name=coretemp Package id 1}"] = 100,
                ["hw.temperature{hw.id=hwmon3/temp2,hw.name=coretemp Core 0}"] = -5,
                ["hw.temperature.limit{hw.id=hwmon3/temp2,hw.limit_type=high.critical,hw.name=coretemp Core 0}"] = 100,

                // The zone beside it is the chip acpitz once more.
                ["hw.temperature{hw.id=thermal_zone1,hw.name=x86_pkg_temp}"] = 51,
            },
            Reading.Of(new TemperatureCollector(HostFixture.Paths("big-128"))));

    [Fact]
    public void A_chip_is_named_after_the_device_it_sits_on_whose_name_outlives_a_restart_and_two_on_one_are_told_apart()
    {
        using var host = new TemporaryHost();
        foreach (string chip in (string[])["hwmon4", "hwmon5"])
        {
            host.Write($"sys/class/hwmon/{chip}/name", "coretemp\n");
            host.Write($"sys/class/hwmon/{chip}/temp1_input", "50000\n");
            Directory.CreateSymbolicLink($"{host.Folder}/sys/class/hwmon/{chip}/device", "../../../coretemp.0");
        }

        Dictionary<string, double> values = Reading.Of(new TemperatureCollector(host.Paths));
        Assert.Equal(2, values.Count);
        Assert.Contains("hw.temperature{hw.id=coretemp.0/temp1,hw.name=coretemp temp1}", values);
        Assert.Contains("hw.temperature{hw.id=coretemp.0/hwmon5/temp1,hw.name=coretemp temp1}", values);
    }

    [Fact]
    public void Sensors_of_old_drivers_stand_in_the_folder_of_the_device()
    {
        using var host = new TemporaryHost();
        host.Write("sys/devices/w83627hf.656/name", "w83627hf\n");
        host.Write("sys/devices/w83627hf.656/temp1_input", "33000\n");
        Directory.CreateDirectory($"{host.Folder}/sys/class/hwmon/hwmon0");
        Directory.CreateSymbolicLink($"{host.Folder}/sys/class/hwmon/hwmon0/device", "../../../devices/w83627hf.656");

        Assert.Equal(33, Reading.Of(new TemperatureCollector(host.Paths))["hw.temperature{hw.id=w83627hf.656/temp1,hw.name=w83627hf temp1}"]);
    }

    [Fact]
    public void A_sensor_that_says_nothing_is_passed_over_and_comes_back()
    {
        using var host = new HostTree("big-128");
        var collector = new TemperatureCollector(host.Paths);
        const string Composite = "hw.temperature{hw.id=hwmon1/temp1,hw.name=nvme Composite}";

        host.Write("sys/class/hwmon/hwmon1/temp1_input", "");
        Assert.DoesNotContain(Composite, Reading.Of(collector));
        host.Remove("sys/class/hwmon/hwmon1/temp1_input");
        Assert.DoesNotContain(Composite, Reading.Of(collector));
        host.Write("sys/class/hwmon/hwmon1/temp1_input", "38000\n");
        Assert.Equal(38, Reading.Of(collector)[Composite]);
    }

    [Fact]
    public void Sensors_that_come_later_are_found_within_sixty_readings()
    {
        using var host = new TemporaryHost();
        var collector = new TemperatureCollector(host.Paths);
        Assert.Empty(Reading.Of(collector));

        host.Write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
        host.Write("sys/class/thermal/thermal_zone0/temp", "42500\n");
        for (int reading = 1; reading < 60; reading++)
        {
            Assert.Empty(Reading.Of(collector));
        }

        Assert.Equal(42.5, Reading.Of(collector)["hw.temperature{hw.id=thermal_zone0,hw.name=cpu-thermal}"]);
    }
}
